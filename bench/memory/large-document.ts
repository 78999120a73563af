import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import { makeText } from '../stack/made-documents.ts';
import { putMade, waitUntilReady } from '../stack/requests.ts';
import type { Inspector } from './inspector.ts';
import { profileSteps, type StepUse } from './profile-steps.ts';
import { type MemoryUse, sampleMemory } from './sample-memory.ts';

export const LARGE_CONTENT_TYPES = ['text/markdown', 'text/plain'] as const;

export interface LargeDocument {
  contentType: (typeof LARGE_CONTENT_TYPES)[number];
  bytes: number;
}

export interface LargeDocumentHeap extends LargeDocument, MemoryUse {}

export interface LargeDocumentSteps extends LargeDocument {
  steps: StepUse;
}

/** Repeated until the document is long enough: chunks that are alike are embedded once, which is not what is measured. */
const BLOCK_SENTENCES = 460;

export async function measureHeap(
  inspector: Inspector,
  document: LargeDocument,
  into: Into,
): Promise<LargeDocumentHeap> {
  return { ...document, ...(await sampleMemory(inspector, () => takeIn(document, into))) };
}

export async function measureSteps(
  inspector: Inspector,
  document: LargeDocument,
  into: Into & { limitMs: number },
): Promise<LargeDocumentSteps> {
  return { ...document, steps: await profileSteps(inspector, into.limitMs, () => takeIn(document, into)) };
}

interface Into {
  stack: BenchStack;
  seed: number;
  signal: AbortSignal;
}

async function takeIn({ contentType, bytes }: LargeDocument, { stack, seed, signal }: Into): Promise<void> {
  const namespace = `memory-${Date.now().toString(36)}`;
  const { markdown } = makeText(seed, BLOCK_SENTENCES, createSeededRandom(seed, 'memory'));
  const whole = Array.from({ length: Math.max(1, Math.round(bytes / markdown.length)) }, () => markdown).join('\n');
  await putMade(stack, namespace, { id: 'whole', text: { markdown: whole, sentences: [] }, contentType }, signal);
  await waitUntilReady(stack, namespace, ['whole'], { everywhere: false, signal });
}
