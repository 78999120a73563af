import * as z from 'zod';

const count = z.number().int().nonnegative();
const milliseconds = z.number().nonnegative();

export const passageSchema = z
  .object({
    n: z.number().int().positive().meta({ description: 'Its number in the answer, from 1 in fused order' }),
    chunkId: z.string(),
    documentId: z.string(),
    title: z.string().nullable(),
    url: z.string().nullable(),
    headings: z.array(z.string()),
    text: z.string(),
    start: count.meta({ description: 'Where the text begins in the document, in UTF-16 units' }),
    end: count,
    metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
    score: z.number().meta({ description: 'Fused score; comparable within one response only' }),
    ranks: z.object({ vector: z.number().int().nullable(), lexical: z.number().int().nullable() }),
    similarity: z.number().nullable().meta({
      description: 'Cosine with the question; null when it was found by its words alone. Comparable within one model',
    }),
  })
  .meta({ id: 'Passage' });

export const citationSchema = z
  .object({
    n: z.number().int().positive().meta({ description: 'The passage’s number, as in the text: [n]' }),
    chunkId: z.string(),
    documentId: z.string(),
    title: z.string().nullable(),
    url: z.string().nullable(),
    quote: z.string().meta({ description: 'Verbatim from the document' }),
    start: count.meta({ description: 'Where the quote begins in the document, in UTF-16 units' }),
    end: count,
  })
  .meta({ id: 'Citation' });

export const degradationSchema = z
  .object({
    step: z.string().meta({ description: 'What failed, for example retrieval:vectorize' }),
    reason: z.string().meta({
      description:
        'TIMEOUT, NETWORK, BAD_ANSWER … or the vendor’s own code; of generation, TRUNCATED: the answer has no end',
    }),
  })
  .meta({ id: 'Degradation' });

export const cacheUseSchema = z
  .object({
    response: z.enum(['hit', 'stale', 'miss', 'bypass', 'unavailable']),
    embedding: z.enum(['hit', 'miss', 'bypass', 'unavailable']),
    search: z.enum(['exact', 'similar', 'miss', 'bypass', 'unavailable']),
    similarity: z.number().nullable(),
  })
  .meta({ id: 'CacheUse' });

export const usageSchema = z
  .object({
    embeddingTokens: count,
    promptTokens: count,
    completionTokens: count,
    rerankTokens: count,
    estimated: z.boolean().meta({ description: 'True when a provider gave no count, or a model has no listed price' }),
    costUsd: z.number().nonnegative().meta({ description: 'At list prices' }),
    savedUsd: z.number().nonnegative().meta({ description: 'What the caches made unnecessary' }),
  })
  .meta({ id: 'Usage' });

export const timingsSchema = z
  .object({
    rewritingMs: milliseconds.nullable().meta({ description: 'Of a conversation’s last question; null outside one' }),
    embeddingMs: milliseconds.nullable(),
    retrievalMs: milliseconds.meta({ description: 'Embedding included' }),
    generationMs: milliseconds.nullable(),
    totalMs: milliseconds,
  })
  .meta({ id: 'Timings' });

const supportSchema = z
  .object({
    estimate: z.literal(true).meta({ description: 'Nobody has read it: words, numbers and meanings were compared' }),
    method: z.enum(['lexical', 'lexical+embedding']),
    sentences: z.array(
      z.object({
        start: count.meta({ description: 'Where the sentence begins in `answer`, in UTF-16 units' }),
        end: count,
        supported: z.boolean().meta({ description: 'Whether the passages it cites say the same' }),
        score: z.number().min(0).max(1).meta({
          description: 'The share of its words in the passages, or its cosine with what they say',
        }),
      }),
    ),
  })
  .meta({ id: 'Support' });

const servedBySchema = z.object({
  retrieval: z.string().meta({ description: 'The vector store that answered, or lexical' }),
  generation: z.string().nullable().meta({ description: 'The model that answered, or extractive' }),
});

export const REFUSAL_REASONS = ['NO_PASSAGES', 'LOW_RELEVANCE'] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export const rewrittenQuestionSchema = z
  .string()
  .nullable()
  .meta({ description: 'What was searched for, where the last question of a conversation does not stand alone' });

export const searchResultSchema = z
  .object({
    id: z.string(),
    rewrittenQuestion: rewrittenQuestionSchema,
    passages: z.array(passageSchema),
    cache: cacheUseSchema,
    servedBy: servedBySchema,
    degraded: z.array(degradationSchema),
    timings: timingsSchema,
    usage: usageSchema,
  })
  .meta({ id: 'SearchResult' });

export const answerSchema = z
  .object({
    id: z.string(),
    answer: z.string().nullable().meta({ description: 'Null only when no answer was asked for' }),
    refused: z.boolean(),
    reason: z.enum(REFUSAL_REASONS).nullable().meta({
      description: 'Why it was refused: nothing was found, or what was found is not about what was asked',
    }),
    rewrittenQuestion: rewrittenQuestionSchema,
    citations: z.array(citationSchema),
    passages: z.array(passageSchema),
    generation: z.enum(['model', 'extractive', 'none']).meta({ description: 'How the answer’s text was made' }),
    support: supportSchema.nullable().meta({ description: 'Null when there is no answer to support' }),
    cache: cacheUseSchema,
    servedBy: servedBySchema,
    degraded: z.array(degradationSchema),
    timings: timingsSchema,
    usage: usageSchema,
  })
  .meta({ id: 'Answer' });

export type Passage = z.infer<typeof passageSchema>;
export type Citation = z.infer<typeof citationSchema>;
export type CacheUse = z.infer<typeof cacheUseSchema>;
export type Usage = z.infer<typeof usageSchema>;
export type Timings = z.infer<typeof timingsSchema>;
export type SearchResult = z.infer<typeof searchResultSchema>;
export type Support = z.infer<typeof supportSchema>;
export type Answer = z.infer<typeof answerSchema>;
