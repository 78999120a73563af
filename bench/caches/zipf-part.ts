import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import type { Reply } from '../load/timed-answer.ts';
import { createZipf } from '../load/zipf.ts';
import type { Promised } from '../report.ts';
import { promised } from '../report.ts';
import { ask, type CachesWorld, emptyCaches, failuresAmong, hitRatio, tallyServed } from './caches-world.ts';

const AT_ONCE = 8;
const EXPONENT = 1;
const MIN_SHARE_OF_IDEAL = 0.99;
const MAX_COMMANDS = 6;

export interface ZipfResult {
  promises: Promised[];
  row: string[];
  raw: unknown;
}

/** Questions as people ask them, some often and most hardly ever, to caches that are empty at first. */
export async function measureZipf(world: CachesWorld, requests: number): Promise<ZipfResult> {
  const { stack, questions, seed } = world;
  await emptyCaches(world);
  const draw = createZipf(questions.length, EXPONENT, createSeededRandom(seed, 'zipf'));
  const asked = Array.from({ length: requests }, () => questions[draw()] ?? '');
  await stack.control.resetCounters();
  const replies: Reply[] = [];
  await forEachConcurrently(asked, AT_ONCE, async (question) => {
    replies.push(await ask(world, question));
  });
  const { redisCommands } = await stack.control.counters();
  const commands = Object.values(redisCommands).reduce((sum, count) => sum + count, 0);

  const tally = tallyServed(replies);
  const distinct = new Set(asked).size;
  // One that never forgets and never makes anything twice.
  const ideal = (requests - distinct) / requests;
  const shareOfIdeal = hitRatio(tally) / ideal;
  const perMiss = commands / Math.max(1, tally.misses);
  const name = `${questions.length} questions, ${requests} requests`;
  return {
    promises: [
      promised(
        `${name}: hits, of an ideal cache's`,
        shareOfIdeal * 100,
        '%',
        `≥ ${MIN_SHARE_OF_IDEAL * 100}`,
        shareOfIdeal >= MIN_SHARE_OF_IDEAL,
      ),
      promised(
        `${name}: Redis commands for each answer made`,
        perMiss,
        'commands',
        `≤ ${MAX_COMMANDS}`,
        perMiss <= MAX_COMMANDS,
      ),
      promised(`${name}: requests that failed`, tally.failed, 'requests', '= 0', tally.failed === 0),
    ],
    row: [name, percent(hitRatio(tally)), percent(ideal), String(distinct), perMiss.toFixed(2)],
    raw: { ...tally, failures: failuresAmong(replies), distinct, ideal, redisCommands },
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
