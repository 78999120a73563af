import { setTimeout as sleep } from 'node:timers/promises';
import type { Output } from '../../scripts/output.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import { putMade, waitUntilReady } from '../stack/requests.ts';
import { type HostileDocument, hostileDocuments } from './hostile-documents.ts';
import type { Inspector } from './inspector.ts';
import { profileSteps, type StepUse } from './profile-steps.ts';

export interface HostileSteps {
  name: string;
  characters: number;
  steps: StepUse;
}

// What is still in work of the document before would be counted as this one's.
const SETTLE_MS = 500;

/** How long the ingestion Worker works without a pause on each of the hostile documents. */
export async function measureHostileDocuments(
  stack: BenchStack,
  inspector: Inspector,
  { limitMs, output, signal }: { limitMs: number; output: Output; signal: AbortSignal },
): Promise<HostileSteps[]> {
  const namespace = `hostile-${Date.now().toString(36)}`;
  const results: HostileSteps[] = [];
  for (const [n, document] of hostileDocuments().entries()) {
    output.line(`${document.name}, ${document.content.length} characters`);
    const steps = await profileSteps(inspector, limitMs, () =>
      takeIn(stack, namespace, `hostile-${n}`, document, signal),
    );
    results.push({ name: document.name, characters: document.content.length, steps });
    await sleep(SETTLE_MS, undefined, { signal });
  }
  return results;
}

async function takeIn(
  stack: BenchStack,
  namespace: string,
  id: string,
  { content, contentType }: HostileDocument,
  signal: AbortSignal,
): Promise<void> {
  await putMade(stack, namespace, { id, text: { markdown: content, sentences: [] }, contentType }, signal);
  await waitUntilReady(stack, namespace, [id], { everywhere: false, signal });
}
