import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createApiClient } from '../../scripts/api-client.ts';
import { CommandFailure } from '../../scripts/command.ts';
import { findDocuments } from '../../scripts/ingest/find-documents.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import { describeSummary, ingestDocuments } from '../../scripts/ingest/ingest-documents.ts';
import type { Output } from '../../scripts/output.ts';
import { ASSUMED_LATENCIES } from './assumed-latencies.ts';
import type { ChaosStack } from './chaos-stack.ts';
import { makeQuestions } from './questions.ts';
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

interface Document {
  id: string;
  contentType: string;
  body: Buffer<ArrayBuffer>;
}

const INGEST_TIMEOUT_MS = 30 * 60_000;
const BASELINE_AT_ONCE = 4;
const BASELINE_TRIES = 3;

/** Puts the documents in, asks every question once on a healthy stack, and makes the services as slow as real ones. */
export async function prepareWorld(stack: ChaosStack, options: WorldOptions): Promise<ChaosWorld> {
  const { output, signal, ratePerSecond } = options;
  const documents = readDocuments(options.documentsDir);
  const namespace = namespaceFor(documents);
  await putDocuments(stack, namespace, documents, options);
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
  await assumeLatencies(stack);
  return world;
}

function readDocuments(dir: string): Document[] {
  const found = findDocuments([dir]);
  if (!found.ok) throw new CommandFailure(found.error);
  return found.value.map(({ id, path, contentType }) => ({ id, contentType, body: readFileSync(path) }));
}

/** Of these very documents: what another collection left in the state folder is not found in it. */
function namespaceFor(documents: Document[]): string {
  const hash = createHash('sha256');
  for (const { id, body } of documents) hash.update(`${id}\0${body.length}\0`).update(body);
  return `chaos-${hash.digest('hex').slice(0, 12)}`;
}

async function putDocuments(
  stack: ChaosStack,
  namespace: string,
  documents: Document[],
  { output, signal }: WorldOptions,
): Promise<void> {
  const client = createApiClient(stack, signal);
  const sent = documents.map((document) => ({ id: document.id, read: () => document }));
  const summary = await ingestDocuments({ client, namespace, documents: sent, output, timeoutMs: INGEST_TIMEOUT_MS });
  output.line(`Documents in ${namespace}: ${describeSummary(summary)}`);
  if (summary.failed.length > 0) throw new CommandFailure('The documents are incomplete: nothing was measured.');
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

async function assumeLatencies({ control }: ChaosStack): Promise<void> {
  for (const [target, profile] of Object.entries(ASSUMED_LATENCIES)) await control.setLatency({ target, profile });
}
