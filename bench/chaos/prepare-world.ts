import { CommandFailure } from '../../scripts/command.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import type { Output } from '../../scripts/output.ts';
import { assumeLatencies } from '../stack/assumed-latencies.ts';
import type { BenchStack } from '../stack/bench-stack.ts';
import { type Document, namespaceFor, putDocuments, readDocuments } from '../stack/collection.ts';
import { makeQuestions } from '../stack/questions.ts';
import { isClean } from './verdict.ts';
import { ask, type ChaosWorld, type QuestionPools } from './world.ts';

export interface WorldOptions {
  documentsDir: string;
  questionCounts: { known: number; fresh: number };
  ratePerSecond: number;
  seed: number;
  output: Output;
  signal: AbortSignal;
}

const BASELINE_AT_ONCE = 4;
const BASELINE_TRIES = 3;

/** Puts the documents in, asks every question once on a healthy stack, and makes the services as slow as real ones. */
export async function prepareWorld(stack: BenchStack, options: WorldOptions): Promise<ChaosWorld> {
  const { output, signal, ratePerSecond } = options;
  const documents = readDocuments(options.documentsDir);
  const namespace = namespaceFor('chaos', documents);
  await putDocuments(stack, namespace, documents, { output, signal });
  const questions = questionPools(documents, options);
  const storeNames = stack.deployment.stores.map(({ name }) => name);
  const healthyTops = new Map<string, string | null>();
  const { requestDeadlineMs } = stack.deployment;
  const world: ChaosWorld = {
    ...{ stack, namespace, questions, ratePerSecond, signal },
    bars: { requestDeadlineMs, storeNames, healthyTops },
  };

  const progress = output.progress('Healthy answers', questions.known.length + questions.fresh.length);
  await forEachConcurrently([...questions.known, ...questions.fresh], BASELINE_AT_ONCE, async (question) => {
    healthyTops.set(question, await healthyTop(world, question));
    progress.update(healthyTops.size);
  });
  progress.end();
  await assumeLatencies(stack.control);
  return world;
}

function questionPools(documents: Document[], { questionCounts, seed }: WorldOptions): QuestionPools {
  const { known, fresh } = questionCounts;
  const questions = makeQuestions(
    documents.map(({ body }) => body.toString()),
    known + fresh,
    seed,
  );
  if (questions.length < known + fresh) {
    throw new CommandFailure(`The documents give only ${questions.length} of ${known + fresh} questions.`);
  }
  return { known: questions.slice(0, known), fresh: questions.slice(known) };
}

async function healthyTop(world: ChaosWorld, question: string): Promise<string | null> {
  for (let tries = 1; ; tries++) {
    const reply = await ask(world, question, { cache: 'no-store' });
    if (reply.kind === 'answered' && isClean(reply, world.bars.storeNames)) return reply.topChunkId;
    if (tries === BASELINE_TRIES) {
      const why = reply.kind === 'answered' ? JSON.stringify(reply.degraded) : JSON.stringify(reply);
      throw new CommandFailure(`Nothing was broken, and yet: ${why}`);
    }
  }
}
