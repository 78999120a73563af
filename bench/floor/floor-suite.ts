import { join } from 'node:path';
import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { CommandFailure, type OptionSpecs, UsageError } from '../../scripts/command.ts';
import type { Output } from '../../scripts/output.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import { type Estimate, estimateMedian } from '../estimate.ts';
import { createPostClient, type PostedReply } from '../load/post-client.ts';
import { type Measurement, promised } from '../report.ts';
import { type BenchStack, measureOnStack } from '../stack/bench-stack.ts';
import { namespaceFor, putDocuments, readDocuments } from '../stack/collection.ts';
import { makeQuestions } from '../stack/questions.ts';
import { defineSuite } from '../suite.ts';
import { BARE_WORKERS, type BareWorker, startBareWorker } from './bare-workers.ts';
import { measureRounds, type Round, type RoundsOptions } from './measure-rounds.ts';

const ROUND_MS = 5_000;
const FEWEST_ROUNDS = 15;
const MIN_SHARE = 0.75;
const VIGIL = 'vigil';

const options = {
  rounds: { type: 'string', value: 'NUMBER', description: `of ${ROUND_MS / 1_000} s each`, default: '15' },
  state: { type: 'string', value: 'DIR', description: 'folder of the suite’s own stack (default: .vigil/floor)' },
} as const satisfies OptionSpecs;

export const floorSuite = defineSuite({
  name: 'floor',
  summary:
    'Compare the throughput of cached answers with Workers that do nothing but take the same bytes from the cache.',
  arguments: '[options]',
  options,
  examples: ['npm run bench -- floor', 'npm run bench -- floor --rounds 30 --json floor.json'],
  measure: ({ options: chosen, output }, seed) => {
    const rounds = Number(chosen.rounds);
    if (!(Number.isInteger(rounds) && rounds > 0))
      throw new UsageError(`--rounds ${chosen.rounds} is no number of them`);
    const stateDir = chosen.state ?? join(PROJECT_ROOT, '.vigil', 'floor');
    return measureOnStack({ stateDir, output, breakableBindings: false }, async (stack, signal) => {
      const request = await askableQuestion(stack, { seed, output, signal });
      const bytes = await cachedAnswer(stack, request);
      const bare = new Map<BareWorker, string>();
      const stops: (() => Promise<void>)[] = [];
      try {
        for (const name of BARE_WORKERS) {
          const worker = await startBareWorker(name, { stateDir, bytes, signal });
          stops.push(worker.stop);
          bare.set(name, worker.url);
        }
        return await measureFloor(
          request,
          { bare, bytes },
          { rounds, roundMs: ROUND_MS, request, output, signal },
          seed,
        );
      } finally {
        await Promise.all(stops.map((stop) => stop()));
      }
    });
  },
});

interface AskableQuestion {
  url: string;
  body: string;
  headers: Record<string, string>;
}

/** A question that the project's own documentation answers. */
async function askableQuestion(
  stack: BenchStack,
  { seed, output, signal }: { seed: number; output: Output; signal: AbortSignal },
): Promise<AskableQuestion> {
  const documents = readDocuments(join(PROJECT_ROOT, 'docs'));
  const namespace = namespaceFor('floor', documents);
  await putDocuments(stack, namespace, documents, { output, signal });
  const texts = documents.map(({ body }) => body.toString());
  const [question] = makeQuestions(texts, 1, seed);
  return {
    url: `${stack.url}/v1/namespaces/${namespace}/answer`,
    body: JSON.stringify({ question }),
    headers: { authorization: `Bearer ${stack.key}`, 'content-type': 'application/json' },
  };
}

const MOST_ASKED = 50;

/** Asks until the answer comes out of the cache. */
async function cachedAnswer(stack: BenchStack, { url, ...request }: AskableQuestion): Promise<Buffer<ArrayBuffer>> {
  const client = createPostClient(url, { ...request, connections: 1 });
  try {
    for (let asked = 0; asked < MOST_ASKED; asked++) {
      const reply = await client.post();
      if (isCachedAnswer(reply)) return Buffer.from(reply.body);
    }
  } finally {
    client.close();
  }
  throw new CommandFailure(`The answer was not kept: ${JSON.stringify(await stack.control.counters())}`);
}

function isCachedAnswer({ status, body }: PostedReply): boolean {
  return status === 200 && body.includes('"cache":{"response":"hit"');
}

async function measureFloor(
  { url }: AskableQuestion,
  { bare, bytes }: { bare: Map<BareWorker, string>; bytes: Buffer<ArrayBuffer> },
  options: RoundsOptions,
  seed: number,
): Promise<Measurement> {
  const targets = [
    { name: VIGIL, url, isRight: isCachedAnswer },
    ...[...bare].map(([name, bareUrl]) => ({
      name,
      url: bareUrl,
      isRight: ({ status, body }: PostedReply) => status === 200 && body.equals(bytes),
    })),
  ];
  const measured = await measureRounds(targets, options);
  const own = measured.get(VIGIL) ?? [];
  const compared = BARE_WORKERS.map((name) => compare(name, own, measured.get(name) ?? [], seed));
  const [limited] = compared;
  if (limited === undefined) throw new Error('nothing was compared');
  const { value } = limited.share;
  return {
    promises: [
      promised(
        'throughput of cached answers, of a bare Worker with the same rate limit and one match',
        value * 100,
        '%',
        `≥ ${MIN_SHARE * 100}`,
        value >= MIN_SHARE && options.rounds >= FEWEST_ROUNDS,
      ),
    ],
    profile: `${bytes.length} bytes an answer, ${options.rounds} rounds of ${options.roundMs / 1_000} s`,
    table: [
      ['bare Worker', 'Vigil’s throughput of its', '95 %', 'processor ms a request more', '95 %'],
      ...compared.map(({ name, share, extraProcessorMs }) => [
        name,
        percent(share.value),
        `${percent(share.low)} to ${percent(share.high)}`,
        extraProcessorMs === null ? 'not counted here' : extraProcessorMs.value.toFixed(3),
        extraProcessorMs === null ? '' : `${extraProcessorMs.low.toFixed(3)} to ${extraProcessorMs.high.toFixed(3)}`,
      ]),
    ],
    raw: { compared, rounds: Object.fromEntries(measured) },
  };
}

interface Comparison {
  name: BareWorker;
  /** Median over the rounds of Vigil's throughput as a part of this one's. */
  share: Estimate;
  extraProcessorMs: Estimate | null;
}

function compare(name: BareWorker, own: Round[], bare: Round[], seed: number): Comparison {
  const shares = own.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN));
  const extras = own.flatMap(({ processorMsPerRequest }, round) => {
    const other = bare[round]?.processorMsPerRequest ?? null;
    return processorMsPerRequest === null || other === null ? [] : [processorMsPerRequest - other];
  });
  return {
    name,
    share: estimateMedian(shares, createSeededRandom(seed, `${name} share`)),
    extraProcessorMs:
      extras.length === 0 ? null : estimateMedian(extras, createSeededRandom(seed, `${name} processor`)),
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
