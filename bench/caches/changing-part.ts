import { setTimeout as sleep } from 'node:timers/promises';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { createApiClient } from '../../scripts/api-client.ts';
import { CommandFailure } from '../../scripts/command.ts';
import { runOpenLoop } from '../load/open-loop.ts';
import { createZipf } from '../load/zipf.ts';
import { type Promised, promised } from '../report.ts';
import type { Document } from '../stack/collection.ts';
import { ask, type CachesWorld, emptyCaches, hitRatio, type ServedTally, tallyServed } from './caches-world.ts';

const RATE_PER_SECOND = 20;
const PHASE_MS = 60_000;
const CHANGE_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 250;
const RENEWED_WITHIN_MS = 5_000;
const LIVE_WITHIN_MS = 60_000;
const MIN_SHARE_OF_IDLE = 0.8;
/** Documents of the suite's own that are changed again and again, each with a question that only it answers. */
const CHANGING = 10;
const EXPONENT = 1;

/** Documents come and change while questions are asked: the cache stays of use, and never tells what was before. */
export async function measureChanging(world: CachesWorld): Promise<{ promises: Promised[]; raw: unknown }> {
  await emptyCaches(world);
  const idle = await askForAWhile(world);
  // As cold as before, so that both have the same to make.
  await emptyCaches(world);
  const stop = new AbortController();
  const changes = changeDocuments(world, stop.signal);
  const busy = await askForAWhile(world);
  stop.abort();
  const renewals = await changes;
  const shareOfIdle = hitRatio(busy) / hitRatio(idle);
  const slowestMs = Math.max(0, ...renewals);
  return {
    promises: [
      promised(
        'documents changing at 1/s: hit ratio, of the idle one',
        shareOfIdle * 100,
        '%',
        `≥ ${MIN_SHARE_OF_IDLE * 100}`,
        shareOfIdle >= MIN_SHARE_OF_IDLE,
      ),
      promised(
        'documents changing at 1/s: slowest renewal of an answer',
        slowestMs / 1_000,
        's',
        `≤ ${RENEWED_WITHIN_MS / 1_000}`,
        slowestMs <= RENEWED_WITHIN_MS,
      ),
      promised('documents changing at 1/s: requests that failed', busy.failed, 'requests', '= 0', busy.failed === 0),
    ],
    raw: { idle, busy, renewals },
  };
}

async function askForAWhile(world: CachesWorld): Promise<ServedTally> {
  const { questions, seed } = world;
  const draw = createZipf(questions.length, EXPONENT, createSeededRandom(seed, 'changing'));
  const records = await runOpenLoop({
    ratePerSecond: RATE_PER_SECOND,
    durationMs: PHASE_MS,
    send: () => ask(world, questions[draw()] ?? ''),
  });
  return tallyServed(records.map(({ result }) => result));
}

/** How long after each changed document was last seen not to be live its answer was still the old one. */
async function changeDocuments(world: CachesWorld, stop: AbortSignal): Promise<number[]> {
  const renewals: Promise<number>[] = [];
  for (let n = 0; !stop.aborted; n++) {
    // Every other second one of those the questions are about, which takes its answers along.
    if (n % 2 === 0) renewals.push(changeAndWatch(world, n));
    else await changeAskedAbout(world, n);
    await sleep(CHANGE_EVERY_MS, undefined, { signal: stop }).catch(() => {});
  }
  return Promise.all(renewals);
}

async function changeAskedAbout(world: CachesWorld, n: number): Promise<void> {
  const document = world.documents[n % world.documents.length];
  if (document === undefined) return;
  const body = Buffer.concat([document.body, Buffer.from(`\n\nRevised for the ${n}th time.\n`)]);
  await put(world, { ...document, body });
}

async function put({ stack, namespace, signal }: CachesWorld, document: Document): Promise<void> {
  const accepted = await createApiClient(stack, signal).putDocument(namespace, document);
  if (!accepted.ok) throw new CommandFailure(`Document ${document.id} was not accepted.`);
}

async function changeAndWatch(world: CachesWorld, n: number): Promise<number> {
  const { stack, namespace, signal } = world;
  const client = createApiClient(stack, signal);
  const id = `changing-${n % CHANGING}.txt`;
  const word = `zq${n % CHANGING}x`;
  const token = `issue${n}`;
  const content = `The current edition of the ${word} almanac is ${token}.`;
  const question = `What is the current edition of the ${word} almanac?`;
  await put(world, { id, contentType: 'text/plain', body: Buffer.from(content) });
  // A later change of the same document may come first: then this one has nothing left to show.
  const giveUpAt = performance.now() + LIVE_WITHIN_MS;
  let isLive = false;
  let notLiveAt = performance.now();
  for (;;) {
    if (!isLive) {
      const lookedAt = performance.now();
      const state = await client.getDocument(namespace, id);
      isLive = state.ok && state.value.value.state === 'ready';
      if (!isLive) notLiveAt = lookedAt;
    }
    const reply = await ask(world, question);
    const text = reply.kind === 'answered' ? reply.text : '';
    const seen = [...text.matchAll(/issue(\d+)/g)].map(([, number]) => Number(number));
    if (seen.some((number) => number >= n)) return isLive ? performance.now() - notLiveAt : 0;
    if (performance.now() > giveUpAt) throw new CommandFailure(`Document ${id} did not reach an answer.`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
