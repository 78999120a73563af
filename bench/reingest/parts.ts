import { setTimeout as sleep } from 'node:timers/promises';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { CommandFailure } from '../../scripts/command.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import type { Output } from '../../scripts/output.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import { type Document, putDocuments } from '../stack/collection.ts';
import { type EmbeddingWork, embeddingWork } from '../stack/embedding-work.ts';
import { makeText } from '../stack/made-documents.ts';
import { documentPath, putMade, request, requestFor, waitUntilReady } from '../stack/requests.ts';

export interface ReingestWorld {
  stack: BenchStack;
  /** Put again and again. */
  documents: readonly Document[];
  /** Of this run: its namespaces are nobody's else. */
  run: string;
  seed: number;
  output: Output;
  signal: AbortSignal;
}

/** Something done to documents, and what it cost. */
export interface Step {
  name: string;
  work: EmbeddingWork;
  /** What may be embedded; a change of which nothing is embedded was none. */
  allowed: { fewestTexts: number; mostTexts: number } | { calls: 0 };
}

const SECTIONS = 50;
const SENTENCES_PER_SECTION = 5;
const CHUNKS_OF_A_SECTION = { fewestTexts: 1, mostTexts: 3 };
const AT_ONCE = 8;
const LOOK_AGAIN_MS = 250;
const GONE_WITHIN_MS = 10 * 60_000;

export const PARTS = { section: measureSection, again: measureAgain, patch: measurePatch };
export type PartName = keyof typeof PARTS;

/** One section of fifty changes: with the embedding cache, and with nothing in it. */
async function measureSection(world: ReingestWorld): Promise<Step[]> {
  const namespace = `reingest-section-${world.run}`;
  const random = createSeededRandom(world.seed, 'reingest');
  const made = makeText(0, SECTIONS * SENTENCES_PER_SECTION, random);
  const steps: Step[] = [];
  let { markdown } = made;
  await putAndWait(world, namespace, markdown);
  for (const [n, way] of ['embedding cache full', 'embedding cache empty'].entries()) {
    if (n === 1) await world.stack.redis('FLUSHDB');
    const changed = made.sentences[Math.floor(((n + 1) * made.sentences.length) / 3)] ?? '';
    markdown = markdown.replace(changed, `This was revised in edition ${n + 2}.`);
    const work = await workOf(world, () => putAndWait(world, namespace, markdown));
    const name = `one section of ${SECTIONS} changed, ${way}`;
    steps.push({ name, work, allowed: CHUNKS_OF_A_SECTION });
  }
  return steps;
}

async function putAndWait({ stack, signal }: ReingestWorld, namespace: string, markdown: string): Promise<void> {
  await putMade(stack, namespace, { id: 'handbook.md', text: { markdown, sentences: [] } }, signal);
  await waitUntilReady(stack, namespace, ['handbook.md'], { everywhere: true, signal });
}

/** All documents once more; then deleted, and put again while their vectors are in the embedding cache. */
async function measureAgain(world: ReingestWorld): Promise<Step[]> {
  const { documents } = world;
  const namespace = `reingest-again-${world.run}`;
  const put = () => putDocuments(world.stack, namespace, [...documents], world);
  await put();
  const again = await workOf(world, put);
  await deleteAll(world, namespace);
  const anew = await workOf(world, put);
  return [
    { name: `${documents.length} documents put again`, work: again, allowed: { calls: 0 } },
    { name: `${documents.length} documents deleted and put again`, work: anew, allowed: { calls: 0 } },
  ];
}

async function measurePatch(world: ReingestWorld): Promise<Step[]> {
  const { stack, documents, signal } = world;
  const namespace = `reingest-patch-${world.run}`;
  await putDocuments(stack, namespace, [...documents], world);
  // What is embedded again must not be had for nothing.
  await stack.redis('FLUSHDB');
  const work = await workOf(world, async () => {
    await forEachConcurrently([...documents], AT_ONCE, async ({ id }) => {
      const body = { metadata: { lang: 'en', edition: 2 } };
      await requestFor([200, 202], stack, 'PATCH', documentPath(namespace, id), { body, signal });
    });
    const ids = documents.map(({ id }) => id);
    await waitUntilReady(stack, namespace, ids, { everywhere: true, signal });
  });
  return [{ name: `metadata of ${documents.length} documents changed`, work, allowed: { calls: 0 } }];
}

async function workOf({ stack }: ReingestWorld, task: () => Promise<void>): Promise<EmbeddingWork> {
  await stack.control.resetCounters();
  await task();
  return embeddingWork(stack.control);
}

async function deleteAll({ stack, documents, signal }: ReingestWorld, namespace: string): Promise<void> {
  await forEachConcurrently([...documents], AT_ONCE, async ({ id }) => {
    await requestFor([202], stack, 'DELETE', documentPath(namespace, id), { signal });
  });
  const giveUpAt = performance.now() + GONE_WITHIN_MS;
  for (const { id } of documents) {
    while ((await request(stack, 'GET', documentPath(namespace, id), { signal })).status !== 404) {
      if (performance.now() > giveUpAt) throw new CommandFailure(`Document ${id} is not gone yet.`);
      await sleep(LOOK_AGAIN_MS, undefined, { signal });
    }
  }
}
