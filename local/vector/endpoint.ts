import { type Result, succeed } from '../../src/result.ts';
import { type ApiResult, refuse } from './api-failure.ts';
import type { VectorIndex } from './vector-index.ts';

export type EmbedTexts = (texts: string[]) => Promise<Float32Array[]>;

export interface EndpointContext {
  index: VectorIndex;
  /** The hosted model; `null` when the index was created without one. */
  embed: EmbedTexts | null;
}

export interface EndpointCall {
  namespace: string;
  query: URLSearchParams;
  body: unknown;
}

export type Endpoint = (
  context: EndpointContext,
  call: EndpointCall,
) => ApiResult<unknown> | Promise<ApiResult<unknown>>;

export interface WithValues<T> {
  item: T;
  values: Float32Array;
}

/** Embeds the data of each item with the index's own model, which the index must have been created with. */
export async function embedEach<T extends { data: string }>(
  { embed, index }: EndpointContext,
  items: T[],
): Promise<ApiResult<WithValues<T>[]>> {
  if (embed === null) return refuseEmbedding();
  const vectors = await embed(items.map((item) => item.data));
  return succeed(
    items.map((item, i) => {
      const values = vectors[i];
      if (values?.length !== index.settings.dimension) {
        throw new Error(
          `the hosted model must give one vector of ${index.settings.dimension} dimensions for each text`,
        );
      }
      return { item, values };
    }),
  );
}

export function refuseEmbedding(): ReturnType<typeof refuse> {
  return refuse(
    422,
    'Embedding data for this index is not allowed. The index must be created with an embedding model to use it.',
  );
}

/** All values, or the first failure. */
export function allOf<T, E>(results: Result<T, E>[]): Result<T[], E> {
  const values: T[] = [];
  for (const result of results) {
    if (!result.ok) return result;
    values.push(result.value);
  }
  return succeed(values);
}
