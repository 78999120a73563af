import * as z from 'zod';

/** What the Worker with the adapters is told, as one variable: a `.dev.vars` file would replace variables of the usual names. */
export const contractSettings = z.object({
  embeddingModel: z.string(),
  generationModel: z.string(),
  chatGenerationModel: z.string(),
  openAi: z.object({ baseUrl: z.string(), key: z.string(), model: z.string() }),
  timeoutMs: z.number(),
  /** As FILTERABLE_METADATA; the index has these metadata indexes. */
  filterable: z.array(z.string()),
  redis: z.object({ url: z.string(), token: z.string() }),
  vector: z.object({ url: z.string(), token: z.string() }),
});
export type ContractSettings = z.infer<typeof contractSettings>;
