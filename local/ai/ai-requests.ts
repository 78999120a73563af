import * as z from 'zod';
import { fail, type Result, succeed } from '../../src/result.ts';
import type { AiFailure } from './ai-errors.ts';
import type { PromptMessage } from './read-prompt.ts';

/** Limit of the embedding models: https://developers.cloudflare.com/workers-ai/models/bge-m3/ */
const MAX_TEXTS_PER_CALL = 100;
/** The vendor's default for text generation; longer answers are cut unless the caller asks for more. */
const DEFAULT_MAX_TOKENS = 256;

export const RunRequest = z.object({
  model: z.string().min(1),
  inputs: z.unknown(),
  options: z
    .looseObject({ rejectIfBusy: z.boolean().optional() })
    .nullish()
    .transform((options) => ({ rejectIfBusy: options?.rejectIfBusy ?? false })),
});

export const ToMarkdownRequest = z.object({
  files: z.array(z.object({ name: z.string().min(1), mimeType: z.string(), base64: z.string() })),
});

const NonEmptyText = z.string().min(1);

export const EmbeddingInputs = z.looseObject({
  text: z.union([NonEmptyText.transform((text) => [text]), z.array(NonEmptyText).min(1).max(MAX_TEXTS_PER_CALL)]),
});

export const RerankInputs = z.looseObject({
  query: NonEmptyText,
  contexts: z.array(z.looseObject({ text: z.string() })).min(1),
  top_k: z.number().int().min(1).optional(),
});

const MaxTokens = z.number().int().min(1);
const MessageText = z.union([
  z.string(),
  z
    .array(z.looseObject({ type: z.literal('text'), text: z.string() }))
    .transform((parts) => parts.map((part) => part.text).join('\n')),
]);

const GenerationOptions = {
  max_tokens: MaxTokens.optional(),
  max_completion_tokens: MaxTokens.optional(),
  stream: z.boolean().default(false),
  stream_options: z.looseObject({ include_usage: z.boolean().default(false) }).optional(),
};

/** Both forms of asking, a prompt and a conversation, as one. */
export interface GenerationRequest {
  messages: PromptMessage[];
  maxTokens: number;
  isStream: boolean;
  includeUsage: boolean;
}

export const GenerationInputs: z.ZodType<GenerationRequest> = z
  .union([
    z.looseObject({
      ...GenerationOptions,
      messages: z.array(z.looseObject({ role: z.string(), content: MessageText })).min(1),
    }),
    z
      .looseObject({ ...GenerationOptions, prompt: NonEmptyText })
      .transform(({ prompt, ...options }) => ({ ...options, messages: [{ role: 'user', content: prompt }] })),
  ])
  .transform((inputs) => ({
    messages: inputs.messages,
    maxTokens: inputs.max_completion_tokens ?? inputs.max_tokens ?? DEFAULT_MAX_TOKENS,
    isStream: inputs.stream,
    includeUsage: inputs.stream_options?.include_usage ?? false,
  }));

/** Checks a model's inputs; the failure is worded the way the vendor's schema validator words it (code 5006). */
export function parseInputs<T>(schema: z.ZodType<T>, inputs: unknown): Result<T, AiFailure> {
  const parsed = schema.safeParse(inputs, { reportInput: true });
  if (parsed.success) return succeed(parsed.data);
  return fail({
    code: 5006,
    description: `Error: ${parsed.error.issues.map((issue) => describe(issue, [])).join(', ')}`,
  });
}

function describe(issue: z.core.$ZodIssue, parentPath: PropertyKey[]): string {
  const path = [...parentPath, ...issue.path];
  const at = `/${path.map(String).join('/')}`;
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.input !== undefined)
        return `Type mismatch of '${at}', '${typeof issue.input}' not in '${issue.expected}'`;
      return `required properties at '/${path.slice(0, -1).map(String).join('/')}' are '${String(path.at(-1))}'`;
    }
    case 'too_small':
      return `Length of '${at}' must be >= ${issue.minimum} not met`;
    case 'too_big':
      return `Length of '${at}' must be <= ${issue.maximum} not met`;
    case 'invalid_union': {
      const branches = issue.errors.flat().map((nested) => describe(nested, path));
      return `oneOf at '${at}' not met, 0 matches: ${[...new Set(branches)].join(', ')}`;
    }
    default:
      return `${issue.message} at '${at}'`;
  }
}
