import { attachInspector } from '../memory/inspector.ts';
import { type MemoryUse, sampleMemory } from '../memory/sample-memory.ts';
import { type Promised, promised } from '../report.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import { type EmbeddingWork, embeddingWork } from '../stack/embedding-work.ts';
import { readGroundTruth, truthOf } from '../stack/ground-truth.ts';
import { type MadeDocument, putAll, waitUntilReady } from '../stack/requests.ts';

export interface SpeedResult {
  documents: number;
  chunks: number;
  seconds: number;
  work: EmbeddingWork;
  memory: MemoryUse;
}

const MAX_CALLS_PER_1000_CHUNKS = 12;

/** Everything at once, with an empty embedding cache, from the first PUT until the last document is ready. */
export async function measureSpeed(
  { stack, stateDir, signal }: { stack: BenchStack; stateDir: string; signal: AbortSignal },
  namespace: string,
  documents: readonly MadeDocument[],
): Promise<SpeedResult> {
  await stack.redis('FLUSHDB');
  await stack.control.resetCounters();
  const inspector = await attachInspector('vigil-ingest');
  try {
    const beganMs = performance.now();
    let seconds = 0;
    const memory = await sampleMemory(inspector, async () => {
      await putAll(stack, namespace, documents, signal);
      const ids = documents.map(({ id }) => id);
      await waitUntilReady(stack, namespace, ids, { everywhere: false, signal });
      seconds = (performance.now() - beganMs) / 1_000;
    });
    const work = await embeddingWork(stack.control);
    const chunks = truthOf(namespace, readGroundTruth(stateDir)).ledger.length;
    return { documents: documents.length, chunks, seconds, work, memory };
  } finally {
    inspector.close();
  }
}

export function speedPromises({ chunks, work }: SpeedResult): Promised[] {
  const calls = callsPer1000({ chunks, work });
  return [
    promised(
      'embedding calls for 1,000 chunks, at 100 texts a call',
      calls,
      'calls',
      `≤ ${MAX_CALLS_PER_1000_CHUNKS}`,
      calls <= MAX_CALLS_PER_1000_CHUNKS,
    ),
    promised('chunks ingested', chunks, 'chunks', '> 0', chunks > 0),
  ];
}

export function callsPer1000({ chunks, work }: Pick<SpeedResult, 'chunks' | 'work'>): number {
  return chunks === 0 ? Number.POSITIVE_INFINITY : (work.calls * 1_000) / chunks;
}
