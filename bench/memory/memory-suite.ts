import { join } from 'node:path';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { type OptionSpecs, UsageError } from '../../scripts/command.ts';
import type { Output } from '../../scripts/output.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { type Measurement, type Promised, promised } from '../report.ts';
import { type BenchStack, measureOnStack } from '../stack/bench-stack.ts';
import { makeText } from '../stack/made-documents.ts';
import { putMade, waitUntilReady } from '../stack/requests.ts';
import { defineSuite } from '../suite.ts';
import { type HostileSteps, measureHostileDocuments } from './hostile-steps.ts';
import { attachInspector, type Inspector } from './inspector.ts';
import {
  LARGE_CONTENT_TYPES,
  type LargeDocument,
  type LargeDocumentHeap,
  type LargeDocumentSteps,
  measureHeap,
  measureSteps,
} from './large-document.ts';
import type { StepUse } from './profile-steps.ts';

const DEFAULT_BYTES = 10_000_000;
const MOST_BYTES = 20_000_000;
const MAX_HEAP_BYTES = 100_000_000;
const MAX_STEP_MS = 10;
/** On average: a peak between samples far apart would go unseen. */
const MOST_MS_BETWEEN_SAMPLES = 200;
const FIRST_SENTENCES = 20;
/** Of documents that large all chunks are written under one lease. */
const VARIABLES = { MAX_DOCUMENT_BYTES: '25000000' };

const options = {
  bytes: { type: 'string', value: 'NUMBER', description: 'of a large document', default: String(DEFAULT_BYTES) },
  state: { type: 'string', value: 'DIR', description: 'folder of the suite’s own stack (default: .vigil/memory)' },
} as const satisfies OptionSpecs;

export const memorySuite = defineSuite({
  name: 'memory',
  summary: `Watch the ingestion Worker by its inspector: its heap while it takes in a large document, and how long it works
without a pause on that and on hostile ones. On Linux, with nothing beside it.`,
  arguments: '[options]',
  options,
  examples: ['npm run bench -- memory', 'npm run bench -- memory --bytes 1000000'],
  measure: async ({ options: chosen, output }, seed) => {
    const bytes = Number(chosen.bytes);
    if (!(bytes > 0 && bytes <= MOST_BYTES)) throw new UsageError(`--bytes ${chosen.bytes} is not 1 to ${MOST_BYTES}`);
    const documents = LARGE_CONTENT_TYPES.map((contentType) => ({ contentType, bytes }));
    const stateDir = chosen.state ?? join(PROJECT_ROOT, '.vigil', 'memory');
    const asked = { stateDir, output, seed };

    const heaps = await onFreshWorker(asked, (watched) => measureAll(documents, watched, measureHeap));
    // In another process: what the profiler keeps would count as the Worker's own heap. And a Worker that has not run yet
    // takes longest.
    return onFreshWorker(asked, async (watched) => {
      // The vectors are on the local cloud's disk by now: the model does not take the processors from what is watched.
      await watched.stack.redis('FLUSHDB');
      const limited = { ...watched, limitMs: MAX_STEP_MS };
      const hostile = await measureHostileDocuments(watched.stack, watched.inspector, { ...limited, output });
      const steps = await measureAll(documents, limited, measureSteps);
      return describeResults({ heaps, steps, hostile });
    });
  },
});

interface Watched {
  stack: BenchStack;
  inspector: Inspector;
  seed: number;
  signal: AbortSignal;
}

function onFreshWorker<T>(
  { stateDir, output, seed }: { stateDir: string; output: Output; seed: number },
  measure: (watched: Watched) => Promise<T>,
): Promise<T> {
  return measureOnStack({ stateDir, output, breakableBindings: false, variables: VARIABLES }, async (stack, signal) => {
    await wakeWorker(stack, seed, signal);
    const inspector = await attachInspector('vigil-ingest');
    try {
      return await measure({ stack, inspector, seed, signal });
    } finally {
      inspector.close();
    }
  });
}

async function measureAll<O extends Watched, T>(
  documents: LargeDocument[],
  watched: O,
  measure: (inspector: Inspector, document: LargeDocument, watched: O) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (const document of documents) results.push(await measure(watched.inspector, document, watched));
  return results;
}

/** The Worker has an isolate to attach to when it has had something to do. */
async function wakeWorker(stack: BenchStack, seed: number, signal: AbortSignal): Promise<void> {
  const namespace = `first-${Date.now().toString(36)}`;
  const text = makeText(seed, FIRST_SENTENCES, createSeededRandom(seed, 'first'));
  await putMade(stack, namespace, { id: 'first', text }, signal);
  await waitUntilReady(stack, namespace, ['first'], { everywhere: false, signal });
}

interface Results {
  heaps: LargeDocumentHeap[];
  steps: LargeDocumentSteps[];
  hostile: HostileSteps[];
}

function describeResults(results: Results): Measurement {
  const { heaps, steps, hostile } = results;
  return {
    promises: [
      ...heaps.flatMap(heapPromises),
      ...steps.map((each) => stepPromise(nameOf(each), each.steps)),
      ...hostile.map((each) => stepPromise(`hostile, ${each.name}`, each.steps)),
    ],
    profile: 'no added latency',
    table: [
      ['document', 'MB', 'heap MB', 'samples', 'resident MB'],
      ...heaps.map(({ contentType, bytes, peakHeapBytes, samples, peakResidentBytes }) => [
        ...[contentType, megabytes(bytes), megabytes(peakHeapBytes), String(samples), megabytes(peakResidentBytes)],
      ]),
      ['', '', 'longest step ms', 'too long', 'mostly in', 'longest GC ms'],
      ...steps.map((each) => [each.contentType, megabytes(each.bytes), ...stepCells(each.steps)]),
      ...hostile.map((each) => [each.name, megabytes(each.characters), ...stepCells(each.steps)]),
    ],
    raw: results,
  };
}

function stepCells({ longest, tooLong, steps, longestCollectionMs }: StepUse): string[] {
  return [longest.durationMs.toFixed(1), `${tooLong} of ${steps}`, longest.where, longestCollectionMs.toFixed(1)];
}

function heapPromises(heap: LargeDocumentHeap): Promised[] {
  const { peakHeapBytes, samples, durationMs } = heap;
  const name = nameOf(heap);
  const everyMs = samples === 0 ? Number.POSITIVE_INFINITY : durationMs / samples;
  return [
    promised(
      `${name}: heap of the ingestion Worker`,
      peakHeapBytes / 1_000_000,
      'MB',
      `< ${MAX_HEAP_BYTES / 1_000_000}`,
      peakHeapBytes < MAX_HEAP_BYTES,
    ),
    promised(
      `${name}: time between samples, on average`,
      everyMs,
      'ms',
      `≤ ${MOST_MS_BETWEEN_SAMPLES}`,
      everyMs <= MOST_MS_BETWEEN_SAMPLES,
    ),
  ];
}

function stepPromise(name: string, { longest, samples }: StepUse): Promised {
  const holds = longest.durationMs <= MAX_STEP_MS && samples > 0;
  return promised(`${name}: longest step without a pause`, longest.durationMs, 'ms', `≤ ${MAX_STEP_MS}`, holds);
}

function nameOf({ contentType, bytes }: LargeDocument): string {
  return `${contentType} of ${megabytes(bytes)} MB`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
