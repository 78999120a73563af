import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import type { VectorStore, WriteReceipt } from '../retrieval/vector-store.ts';

/** Deletes any number of chunks from one store. `null` when there was nothing to ask of it. */
export async function forgetChunks(
  store: VectorStore,
  namespace: string,
  chunkIds: string[],
  deadline: Deadline,
): Promise<Result<WriteReceipt | null, UpstreamError>> {
  let receipt: WriteReceipt | null = null;
  for (let at = 0; at < chunkIds.length; at += store.maxBatch) {
    const deleted = await store.delete(namespace, chunkIds.slice(at, at + store.maxBatch), deadline);
    if (!deleted.ok) return deleted;
    receipt = deleted.value;
  }
  return succeed(receipt);
}
