import { join } from 'node:path';
import { CommandFailure, type OptionSpecs } from '../../scripts/command.ts';
import type { Output } from '../../scripts/output.ts';
import { PROJECT_ROOT } from '../../scripts/project.ts';
import type { Measurement } from '../report.ts';
import { type BenchStack, measureOnStack } from '../stack/bench-stack.ts';
import { namespaceFor, putDocuments, readDocuments } from '../stack/collection.ts';
import { makeQuestions } from '../stack/questions.ts';
import { defineSuite } from '../suite.ts';
import type { CachesWorld } from './caches-world.ts';
import { measureChanging } from './changing-part.ts';
import { measureRedisKilled } from './redis-killed-part.ts';
import { measureZipf } from './zipf-part.ts';

const QUESTIONS = 225;
const REQUESTS = 5_000;
const MANY = 20_000;

const options = {
  documents: {
    type: 'string',
    value: 'DIR',
    description: 'Markdown to ask about',
    default: join(PROJECT_ROOT, 'docs'),
  },
  large: { type: 'boolean', description: `also ${MANY} questions in ${MANY} requests` },
  state: { type: 'string', value: 'DIR', description: 'folder of the suite’s own stack (default: .vigil/caches)' },
} as const satisfies OptionSpecs;

export const cachesSuite = defineSuite({
  name: 'caches',
  summary: `Measure what the caches spare, on a stack of the suite's own.`,
  arguments: '[options]',
  options,
  examples: ['npm run bench -- caches', 'npm run bench -- caches --large --json caches.json'],
  measure: async ({ options: chosen, output }, seed) => {
    const stateDir = chosen.state ?? join(PROJECT_ROOT, '.vigil', 'caches');
    return measureOnStack({ stateDir, output }, (stack, signal) =>
      measureCaches(stack, { documentsDir: chosen.documents, isLarge: chosen.large, seed, output, signal }),
    );
  },
});

interface Plan {
  documentsDir: string;
  isLarge: boolean;
  seed: number;
  output: Output;
  signal: AbortSignal;
}

async function measureCaches(
  stack: BenchStack,
  { documentsDir, isLarge, seed, output, signal }: Plan,
): Promise<Measurement> {
  const documents = readDocuments(documentsDir);
  const namespace = namespaceFor('caches', documents);
  await putDocuments(stack, namespace, documents, { output, signal });
  const texts = documents.map(({ body }) => body.toString());
  const worldOf = (count: number): CachesWorld => {
    const questions = makeQuestions(texts, count, seed);
    if (questions.length < count) throw new CommandFailure(`The documents give only ${questions.length} questions.`);
    return { stack, namespace, documents, questions, seed, signal };
  };

  output.line('Zipf');
  const zipf = [await measureZipf(worldOf(QUESTIONS), REQUESTS)];
  if (isLarge) zipf.push(await measureZipf(worldOf(MANY), MANY));
  output.line('Redis killed');
  const killed = await measureRedisKilled(worldOf(2 * QUESTIONS));
  output.line('Documents changing');
  const changing = await measureChanging(worldOf(QUESTIONS));
  return {
    promises: [...zipf.flatMap(({ promises }) => promises), ...killed.promises, ...changing.promises],
    profile: 'no added latency',
    table: [
      ['workload, Zipf s = 1', 'hits', 'ideal', 'distinct', 'Redis commands a miss'],
      ...zipf.map(({ row }) => row),
    ],
    raw: { zipf: zipf.map(({ raw }) => raw), redisKilled: killed.raw, changing: changing.raw },
  };
}
