import { setTimeout as sleep } from 'node:timers/promises';
import { EVENTUALLY_VISIBLE } from '../../local/control/control-schema.ts';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import type { Connection } from '../../scripts/api-client.ts';
import type { Difference } from '../crash/difference.ts';
import type { ExpectedDocument } from '../crash/expected-document.ts';
import { findDifferences } from '../crash/find-differences.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import { processVectorize, readGroundTruth, truthOf } from '../stack/ground-truth.ts';
import { makeText, nameOf } from '../stack/made-documents.ts';
import { type MadeDocument, putAll, waitUntilReady } from '../stack/requests.ts';
import { type Asked, type AskingFor, askForDeleted, findsInEveryWay } from './ask-for-deleted.ts';
import { secondApi } from './two-apis.ts';
import type { Variant } from './variants.ts';

export interface DeletesWorld {
  stack: BenchStack;
  stateDir: string;
  /** Of this run: its namespaces are nobody's else. */
  run: string;
  seed: number;
  signal: AbortSignal;
}

export interface Pace {
  requests: number;
  durationMs: number;
  /** Of every store, while it is asked for. */
  visibilityMs: number;
}

export interface VariantResult {
  variant: string;
  /** By the isolate that took the DELETE, and by one that has to hear of it. */
  asked: { own: Asked; other: Asked };
  /** Each way to ask found it before. */
  wasFound: boolean;
  /** How long after the stores had shown the deletion nothing was left; null when something stayed. */
  goneAfterMs: number | null;
  differences: Difference[];
}

export const EFFECTIVE_WITHIN_MS = 5_000;
const USUAL_VISIBILITY_MS = 300;
const GONE_WITHIN_MS = 90_000;
const LOOK_AGAIN_MS = 500;
const SENTENCES = 6;

/** Deletes documents while no store shows it, and asks two isolates for one of them again and again. */
export async function measureVariant(world: DeletesWorld, variant: Variant, pace: Pace): Promise<VariantResult> {
  const { stack, run, signal } = world;
  const namespace = `deletes-${variant.name}-${run}`;
  const { targets, others } = makeDocuments(world, variant);
  const all = [...targets, ...others];
  await setVisibility(stack, USUAL_VISIBILITY_MS);
  const versions = await putAll(stack, namespace, all, signal);
  const ids = all.map(({ id }) => id);
  await waitUntilReady(stack, namespace, ids, { everywhere: true, signal });

  const askingOf = (connection: Connection, sentence: number): AskingFor => ({
    ...{ stack: connection, namespace, signal },
    question: targets[0]?.text.sentences[sentence] ?? '',
    mayVanish: variant.isWhole === true,
    traces: targets.flatMap(({ id, text }) => [id, text.sentences[0]?.split(' ', 1)[0] ?? id]),
  });
  // By questions of their own, or what one isolate makes anew would take the place of what the other goes by.
  const [own, other] = [askingOf(stack, 0), askingOf(secondApi(stack), 1)];
  // Asked before, answers are kept where the ways allow it.
  const findAll = async () => (await findsInEveryWay(own)) && (await findsInEveryWay(other));
  const wasFound = await findAll();
  if (variant.isCached) await findAll();
  else await stack.redis('FLUSHDB');
  await setVisibility(stack, pace.visibilityMs);
  await variant.remove(stack, { namespace, targets, signal });
  const deletedAtMs = performance.now();
  const ask = (asking: AskingFor) => askForDeleted(asking, { ...pace, barMs: EFFECTIVE_WITHIN_MS, deletedAtMs });
  const [ownAsked, otherAsked] = await Promise.all([ask(own), ask(other)]);

  await setVisibility(stack, USUAL_VISIBILITY_MS);
  const expected = [
    ...targets.map(({ id }): ExpectedDocument => ({ namespace, id, outcomes: [{ kind: 'absent' }] })),
    ...others.map(({ id, text, metadata = {} }): ExpectedDocument => {
      const given = { ...text, title: null, url: null, metadata };
      return { namespace, id, outcomes: [{ kind: 'present', version: versions.get(id) ?? null, given }] };
    }),
  ];
  const { goneAfterMs, differences } = await waitUntilGone(world, namespace, expected);
  return { variant: variant.name, wasFound, asked: { own: ownAsked, other: otherAsked }, goneAfterMs, differences };
}

function makeDocuments({ seed }: DeletesWorld, variant: Variant): { targets: MadeDocument[]; others: MadeDocument[] } {
  const random = createSeededRandom(seed, `deletes ${variant.name}`);
  const make = (count: number, from: number, metadata: Record<string, string>): MadeDocument[] =>
    Array.from({ length: count }, (_, n) => ({
      id: `${nameOf(from + n).toLowerCase()}.md`,
      text: makeText(from + n, SENTENCES, random),
      metadata,
    }));
  return {
    targets: make(variant.targets, 0, variant.metadata.targets),
    others: make(variant.others, variant.targets, variant.metadata.others),
  };
}

async function setVisibility(stack: BenchStack, delayMs: number): Promise<void> {
  for (const service of EVENTUALLY_VISIBLE) await stack.control.setVisibility({ service, delayMs });
}

async function waitUntilGone(
  { stack, stateDir, signal }: DeletesWorld,
  namespace: string,
  expected: ExpectedDocument[],
) {
  const beganMs = performance.now();
  for (;;) {
    await processVectorize(stack.cloudUrl);
    const differences = findDifferences(expected, truthOf(namespace, readGroundTruth(stateDir)));
    const afterMs = performance.now() - beganMs;
    if (differences.length === 0) return { goneAfterMs: afterMs, differences };
    if (afterMs > GONE_WITHIN_MS) return { goneAfterMs: null, differences };
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}
