import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../local/manual-clock.ts';
import {
  aChunk,
  anAnswerCache,
  anUpstreamError,
  aQuestionEmbedder,
  aRace,
  aVectorStore,
  silentTelemetry,
} from '../../test/read-path-builders.ts';
import { aGenerator, says } from '../../test/support/a-generator.ts';
import { unheard } from '../../test/support/listeners.ts';
import type { Generator } from '../models/generator.ts';
import { fail, succeed } from '../result.ts';
import type { StoredChunk } from '../retrieval/passage.ts';
import type { TelemetryEvent } from '../telemetry/events.ts';
import { answerSchema, searchResultSchema } from './answer.ts';
import { answerQuestion } from './answer-question.ts';
import type { Ask } from './ask.ts';
import type { QueryServices } from './query-services.ts';
import { searchPassages } from './search-passages.ts';

const ask: Ask = {
  namespace: 'docs',
  question: '  What is the\nlimit?',
  history: [],
  topK: 5,
  cache: 'default',
  retrieval: 'lexical',
  generation: 'auto',
  filter: null,
  maxPerDocument: null,
};

function generator(name: string, answer: string | null, prompts: string[] = []): Generator {
  return aGenerator(name, async (messages) => {
    prompts.push(messages.map(({ content }) => content).join('\n'));
    return answer === null ? fail(anUpstreamError({ dependency: 'workers-ai', code: '3040' })) : says(answer);
  });
}

function services(
  parts: Partial<QueryServices> & { chunks?: StoredChunk[]; events?: TelemetryEvent[] } = {},
): QueryServices {
  const { chunks = [aChunk()], events = [], ...rest } = parts;
  const clock = createManualClock();
  return {
    ...aRace(clock),
    ...anAnswerCache(clock),
    telemetry: { ...silentTelemetry, emit: (event) => events.push(event) },
    newId: () => 'answer-1',
    requestTimeoutMs: 1_000,
    streamTimeoutMs: 60_000,
    embedder: aQuestionEmbedder(async () =>
      fail(anUpstreamError({ dependency: 'workers-ai', code: '3040', retryAfterMs: 5_000 })),
    ),
    vectorStores: [],
    lexicalIndex: {
      search: async () => succeed({ matches: chunks.map((chunk) => ({ chunk, score: 1 })), rowsRead: 3 }),
    },
    liveness: { liveVersions: async () => succeed(new Map([['guide.md', 1]])) },
    reranker: null,
    generators: [generator('@cf/qwen/qwen3-30b-a3b-fp8', 'One megabyte [1], they say [4].')],
    generationBudget: null,
    claims: null,
    relevance: null,
    contextTokens: 1_000,
    answerTokens: 100,
    ...rest,
  };
}

async function answered(parts: Parameters<typeof services>[0] = {}, changes: Partial<Ask> = {}) {
  const result = await answerQuestion(services(parts), { ...ask, ...changes }, 'request-1', unheard());
  if (!result.ok) throw new Error('no answer');
  return answerSchema.parse(result.value);
}

describe('answering a question', () => {
  it('gives a cited answer that says how it was made', async () => {
    const answer = await answered();
    expect(answer).toMatchObject({
      id: 'answer-1',
      answer: 'One megabyte [1], they say.',
      refused: false,
      reason: null,
      generation: 'model',
      citations: [{ n: 1, quote: 'The limit is one megabyte.' }],
      passages: [{ n: 1, chunkId: 'chunk-1', ranks: { vector: null, lexical: 1 } }],
      cache: { response: 'miss', embedding: 'bypass', search: 'miss', similarity: null },
      servedBy: { retrieval: 'lexical', generation: '@cf/qwen/qwen3-30b-a3b-fp8' },
      degraded: [],
      // 3e-7 request + 4 rows × 1e-9 + 100 × 5.1e-8 + 10 × 3.35e-7 + 5e-7 and 5e-6 to look for and keep it
      // + 2 × 2e-6 to look for and keep what was found
      usage: { promptTokens: 100, completionTokens: 10, costUsd: 0.000018254, estimated: false },
    });
  });

  it('reads neighbours in a document as one passage', async () => {
    const first = aChunk({ chunkId: 'first', n: 0, text: 'The limit is a megabyte.' });
    const second = aChunk({ chunkId: 'second', n: 1, text: 'It can be raised.', start: 26, lead: '\n\n' });
    const answer = await answered({ chunks: [second, first] });
    expect(answer.passages).toMatchObject([
      { n: 1, chunkId: 'second', text: 'The limit is a megabyte.\n\nIt can be raised.', start: 0, end: 43 },
    ]);
  });

  it('reads as many passages as were wanted although neighbours are one', async () => {
    const first = aChunk({ chunkId: 'first', n: 0, text: 'The limit is a megabyte.' });
    const second = aChunk({ chunkId: 'second', n: 1, text: 'It can be raised.', start: 26, lead: '\n\n' });
    const third = aChunk({ chunkId: 'third', documentId: 'other.md', text: 'There are other limits.' });
    const fourth = aChunk({ chunkId: 'fourth', documentId: 'last.md', text: 'There is no limit.' });
    const versions = new Map(['guide.md', 'other.md', 'last.md'].map((id) => [id, 1]));
    const parts = {
      chunks: [first, second, third, fourth],
      liveness: { liveVersions: async () => succeed(versions) },
    };
    const idsOf = async (changes: Partial<Ask>) =>
      (await answered(parts, { topK: 2, ...changes })).passages.map(({ chunkId }) => chunkId);
    expect(await idsOf({})).toEqual(['first', 'third']);
    expect(await idsOf({ generation: 'extractive' })).toEqual(['first', 'third']);
    expect(await idsOf({ generation: 'none' })).toEqual(['first']);
    expect(await idsOf({ topK: 1 })).toEqual(['first']);
  });

  it('refuses without asking a model when there is no passage', async () => {
    const prompts: string[] = [];
    const answer = await answered({ chunks: [], generators: [generator('a', 'Invented.', prompts)] });
    expect(answer).toMatchObject({ refused: true, reason: 'NO_PASSAGES', citations: [], generation: 'none' });
    expect(answer.answer).toContain('do not answer');
    expect(prompts).toEqual([]);
  });

  it('has the Redis commands of a refusal paid for, those that give its turn back too', async () => {
    const costOf = async (parts: Partial<QueryServices>) => (await answered({ chunks: [], ...parts })).usage.costUsd;
    const generationBudget = { take: async () => ({ isGranted: true, commands: 3, giveBack: () => 2 }) };
    expect((await costOf({ generationBudget })) - (await costOf({}))).toBeCloseTo(5 * 2e-6, 12);
  });

  it('judges the answer by what the model was shown of the passages', async () => {
    const text = `${'The limit is one megabyte. '.repeat(40)}The server sends status 413 before the handler runs.`;
    const generators = [generator('a', 'The server sends status 413 before the handler runs [1].')];
    const supported = async (contextTokens: number) =>
      (await answered({ chunks: [aChunk({ text })], generators, contextTokens })).support?.sentences[0]?.supported;
    expect([await supported(5_000), await supported(100)]).toEqual([true, false]);
  });

  it('asks the next model when one fails', async () => {
    const answer = await answered({ generators: [generator('first', null), generator('second', 'Yes [1].')] });
    expect(answer.servedBy.generation).toBe('second');
    expect(answer.degraded).toEqual([{ step: 'generation:first', reason: '3040' }]);
  });

  it('answers from the passages’ own sentences when every model fails', async () => {
    const answer = await answered({ generators: [generator('first', null), generator('second', null)] });
    expect(answer).toMatchObject({
      answer: 'The limit is one megabyte. [1]',
      generation: 'extractive',
      servedBy: { generation: 'extractive' },
      usage: { promptTokens: 0, completionTokens: 0 },
    });
    expect(answer.degraded.map(({ step }) => step)).toEqual(['generation:first', 'generation:second']);
  });

  it('asks no model for an extractive answer, and makes none when none is wanted', async () => {
    const prompts: string[] = [];
    const generators = [generator('a', 'Yes.', prompts)];
    expect(await answered({ generators }, { generation: 'extractive' })).toMatchObject({
      generation: 'extractive',
      degraded: [],
    });
    expect(await answered({ generators }, { generation: 'none' })).toMatchObject({
      answer: null,
      refused: false,
      generation: 'none',
      servedBy: { generation: null },
    });
    expect(prompts).toEqual([]);
  });

  it('asks with the normalised question', async () => {
    const prompts: string[] = [];
    await answered({ generators: [generator('a', 'Yes.', prompts)] });
    expect(prompts[0]).toContain('<question>What is the limit?</question>');
  });

  it('reports each step it did without', async () => {
    const events: TelemetryEvent[] = [];
    await answered({ events, generators: [] }, { retrieval: 'hybrid' });
    expect(events).toEqual([
      { event: 'answer.degraded', requestId: 'request-1', namespace: 'docs', step: 'embedding', reason: '3040' },
    ]);
  });

  it('fails when no leg could search, and says when to come back', async () => {
    const failed = await answerQuestion(services(), { ...ask, retrieval: 'vector' }, 'request-1', unheard());
    expect(failed).toEqual({
      ok: false,
      error: {
        kind: 'retrieval-unavailable',
        retryAfterMs: 5_000,
        degraded: [{ step: 'embedding', reason: '3040' }],
      },
    });
  });
});

describe('searching passages', () => {
  it('gives them numbered, without an answer and without internal fields', async () => {
    const found = await searchPassages(services(), ask, 'request-1', unheard());
    if (!found.ok) throw new Error('nothing found');
    expect(searchResultSchema.strict().parse(found.value)).toEqual(found.value);
    expect(found.value.servedBy).toEqual({ retrieval: 'lexical', generation: null });
    expect(Object.keys(found.value.passages[0] ?? {})).not.toContain('version');
  });
});

describe('the time models may take', () => {
  it('is shared, so that one that hangs leaves the next its turn and the extractive answer the rest', async () => {
    const clock = createManualClock();
    const turns: number[] = [];
    const hanging = (name: string): Generator =>
      aGenerator(name, async (_messages, { firstToken }) => {
        turns.push(firstToken.remainingMs());
        clock.advance(firstToken.remainingMs());
        return fail(anUpstreamError({ dependency: 'workers-ai', code: 'TIMEOUT' }));
      });
    const answer = await answered({ clock, generators: [hanging('first'), hanging('second')] });
    expect(turns).toEqual([450, 450]);
    expect(answer.timings.totalMs).toBe(900);
    expect(answer.servedBy.generation).toBe('extractive');
  });
});

describe('the cost of an answer', () => {
  it('counts the look-up in Redis also when the model behind it failed', async () => {
    const unasked = await answered({ generators: [] }, { retrieval: 'hybrid', cache: 'no-store' });
    const asked = await answered({ generators: [] }, { retrieval: 'hybrid' });
    expect(asked.cache).toMatchObject({ search: 'miss', embedding: 'miss' });
    // One MGET, at $0.20 for 100,000 commands, and one read of KV, at $0.50 a million.
    expect(asked.usage.costUsd - unasked.usage.costUsd).toBeCloseTo(2.5e-6, 10);
  });
});

describe('passages that are not about what is asked', () => {
  const relevance = {
    floor: 0.5,
    lowCosine: 0,
    weights: { cosine: 1, lowCosine: 0, missingWords: 0, missingNames: 0 },
  };
  const found = (cosine: number, text = aChunk().text): Parameters<typeof services>[0] => ({
    chunks: [aChunk({ text })],
    relevance,
    embedder: aQuestionEmbedder(async () =>
      succeed({ vectors: [new Float32Array(1024)], tokens: 3, estimated: false }),
    ),
    vectorStores: [
      aVectorStore('vectorize', async () =>
        succeed({ matches: [{ chunk: aChunk({ text }), score: cosine }], isComplete: true }),
      ),
    ],
  });

  it('(peers 22) are refused without asking a model', async () => {
    const prompts: string[] = [];
    const generators = [generator('a', 'Invented.', prompts)];
    const answer = await answered({ ...found(0.49), generators }, { retrieval: 'hybrid' });
    expect(answer).toMatchObject({
      answer: 'The documents do not answer this question.',
      refused: true,
      reason: 'LOW_RELEVANCE',
      citations: [],
      support: null,
      generation: 'none',
      servedBy: { retrieval: 'vectorize', generation: null },
      passages: [{ n: 1, similarity: 0.49 }],
      usage: { promptTokens: 0, completionTokens: 0 },
    });
    expect(prompts).toEqual([]);
  });

  it('are judged by as many as were wanted, not by what is read beyond', async () => {
    const matches = ['The limit is one.', 'The limit is two.', 'SAML has a limit.'].map((text, index) => ({
      chunk: aChunk({ chunkId: `chunk-${index}`, documentId: `${index}.md`, text }),
      score: 0.9 - index / 10,
    }));
    const parts = {
      ...found(0.9),
      relevance: {
        ...{ floor: -0.5, lowCosine: 0 },
        weights: { cosine: 0, lowCosine: 0, missingWords: 0, missingNames: -1 },
      },
      liveness: { liveVersions: async () => succeed(new Map(matches.map(({ chunk }) => [chunk.documentId, 1]))) },
      vectorStores: [aVectorStore('vectorize', async () => succeed({ matches, isComplete: true }))],
    };
    const isRefused = async (topK: number) =>
      (await answered(parts, { question: 'What is the limit of SAML?', topK, retrieval: 'vector' })).refused;
    expect([await isRefused(2), await isRefused(3)]).toEqual([true, false]);
  });

  it('are refused in the language of the question', async () => {
    const text = 'Die Grenze ist ein Megabyte.';
    const answer = await answered(found(0.1, text), { question: 'Was ist mit den Keksen?', retrieval: 'hybrid' });
    expect(answer.answer).toBe('Die Dokumente beantworten diese Frage nicht.');
  });

  it('are answered from at the floor, by a model that is not calibrated, and when words alone were searched', async () => {
    expect((await answered(found(0.5), { retrieval: 'hybrid' })).refused).toBe(false);
    expect((await answered({ ...found(0.1), relevance: null }, { retrieval: 'hybrid' })).refused).toBe(false);
    expect((await answered(found(0.1), { retrieval: 'lexical' })).refused).toBe(false);
  });

  it('are shown to whoever wants passages alone', async () => {
    const answer = await answered(found(0.1), { retrieval: 'hybrid', generation: 'none' });
    expect(answer).toMatchObject({ answer: null, refused: false, reason: null });
    expect(answer.passages).toHaveLength(1);
  });
});

describe('the support of an answer', () => {
  it('is told for each of its sentences, and counted in what it cost', async () => {
    const vectors = [new Float32Array([1, 0]), new Float32Array([1, 0])];
    const embedder = { embed: async () => succeed({ vectors, tokens: 9, estimated: false }) };
    const answer = await answered({
      claims: { embedder, minCosine: 0.9 },
      generators: [
        generator('a', 'The limit is one megabyte [1]. The megabyte limit holds for everybody here [1]. Two [1].'),
      ],
    });
    expect(answer.support).toMatchObject({
      estimate: true,
      method: 'lexical+embedding',
      sentences: [{ supported: true, score: 1 }, { supported: true, score: 1 }, { supported: false }],
    });
    expect(answer.usage.embeddingTokens).toBe(9);
  });

  it('is beyond doubt for an extractive answer', async () => {
    const { support } = await answered({ generators: [] });
    expect(support).toMatchObject({ method: 'lexical', sentences: [{ supported: true, score: 1 }] });
  });
});
