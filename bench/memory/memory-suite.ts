import { join } from 'node:path';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { type OptionSpecs, UsageError } from '../../scripts/command.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { type Measurement, type Promised, promised } from '../report.ts';
import { type BenchStack, measureOnStack } from '../stack/bench-stack.ts';
import { makeText } from '../stack/made-documents.ts';
import { putMade, waitUntilReady } from '../stack/requests.ts';
import { defineSuite } from '../suite.ts';
import { attachInspector } from './inspector.ts';
import { profileSteps, type StepUse } from './profile-steps.ts';
import { type MemoryUse, sampleMemory } from './sample-memory.ts';

const DEFAULT_BYTES = 10_000_000;
const MOST_BYTES = 20_000_000;
const MAX_HEAP_BYTES = 100_000_000;
const MAX_STEP_MS = 10;
/** On average: a peak between samples far apart would go unseen. */
const MOST_MS_BETWEEN_SAMPLES = 200;
/** Repeated until the document is long enough: chunks that are alike are embedded once, which is not what is measured. */
const BLOCK_SENTENCES = 460;
const CONTENT_TYPES = ['text/markdown', 'text/plain'] as const;
/** Of documents that large all chunks are written under one lease. */
const VARIABLES = { MAX_DOCUMENT_BYTES: '25000000' };

const options = {
  bytes: { type: 'string', value: 'NUMBER', description: 'of the document', default: String(DEFAULT_BYTES) },
  state: { type: 'string', value: 'DIR', description: 'folder of the suite’s own stack (default: .vigil/memory)' },
} as const satisfies OptionSpecs;

export const memorySuite = defineSuite({
  name: 'memory',
  summary: `Watch the heap of the ingestion Worker, by its inspector, while it takes in a large document, and, while it
takes it in once more, how long it works without a pause. On Linux, with nothing beside it.`,
  arguments: '[options]',
  options,
  examples: ['npm run bench -- memory', 'npm run bench -- memory --bytes 1000000'],
  measure: ({ options: chosen, output }, seed) => {
    const bytes = Number(chosen.bytes);
    if (!(bytes > 0 && bytes <= MOST_BYTES)) throw new UsageError(`--bytes ${chosen.bytes} is not 1 to ${MOST_BYTES}`);
    const stateDir = chosen.state ?? join(PROJECT_ROOT, '.vigil', 'memory');
    const onStack = { stateDir, output, breakableBindings: false, variables: VARIABLES };
    return measureOnStack(onStack, async (stack, signal) => {
      const results: DocumentMemory[] = [];
      for (const contentType of CONTENT_TYPES) {
        output.line(`${contentType}, ${bytes} bytes`);
        results.push(await measureDocument(stack, { contentType, bytes, seed, signal }));
      }
      return describeResults(results);
    });
  },
});

interface DocumentMemory extends MemoryUse {
  contentType: (typeof CONTENT_TYPES)[number];
  bytes: number;
  steps: StepUse;
}

async function measureDocument(
  stack: BenchStack,
  {
    contentType,
    bytes,
    seed,
    signal,
  }: Pick<DocumentMemory, 'contentType' | 'bytes'> & { seed: number; signal: AbortSignal },
): Promise<DocumentMemory> {
  const namespace = `memory-${Date.now().toString(36)}`;
  const { markdown } = makeText(seed, BLOCK_SENTENCES, createSeededRandom(seed, 'memory'));
  const whole = Array.from({ length: Math.max(1, Math.round(bytes / markdown.length)) }, () => markdown).join('\n');
  const put = async (id: string, text: string) => {
    const made = { id, text: { markdown: text, sentences: [] }, contentType };
    await putMade(stack, namespace, made, signal);
    await waitUntilReady(stack, namespace, [id], { everywhere: false, signal });
  };
  // The Worker has an isolate to attach to when it has had something to do.
  await put('block', markdown);
  const inspector = await attachInspector('vigil-ingest');
  try {
    const use = await sampleMemory(inspector, () => put('whole', whole));
    // The vectors are on the local cloud's disk by now: the model does not take the processors from what is watched.
    await stack.redis('FLUSHDB');
    const steps = await profileSteps(inspector, MAX_STEP_MS, () => put('again', whole));
    return { contentType, bytes: whole.length, ...use, steps };
  } finally {
    inspector.close();
  }
}

function describeResults(results: DocumentMemory[]): Measurement {
  return {
    promises: results.flatMap(promisesOf),
    profile: 'no added latency',
    table: [
      [
        'document',
        'MB',
        'samples',
        'heap MB',
        'workerd resident MB',
        'longest step ms',
        'too long',
        'mostly in',
        'GC ms',
      ],
      ...results.map(({ contentType, bytes, samples, peakHeapBytes, peakResidentBytes, steps }) => [
        ...[contentType, megabytes(bytes), String(samples), megabytes(peakHeapBytes), megabytes(peakResidentBytes)],
        ...[steps.longest.durationMs.toFixed(1), `${steps.tooLong} of ${steps.steps}`, steps.longest.where],
        steps.longestCollectionMs.toFixed(1),
      ]),
    ],
    raw: results,
  };
}

function promisesOf({ contentType, bytes, peakHeapBytes, samples, durationMs, steps }: DocumentMemory): Promised[] {
  const name = `${contentType} of ${megabytes(bytes)} MB`;
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
    promised(
      `${name}: longest step without a pause`,
      steps.longest.durationMs,
      'ms',
      `≤ ${MAX_STEP_MS}`,
      steps.longest.durationMs <= MAX_STEP_MS && steps.samples > 0,
    ),
  ];
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
