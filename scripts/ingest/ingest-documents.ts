import { setTimeout as wait } from 'node:timers/promises';
import { fail, type Result, succeed } from '../../src/result.ts';
import { type ApiClient, type ApiFailure, describeFailure, type NewDocument } from '../api-client.ts';
import type { Output } from '../output.ts';
import { forEachConcurrently } from './for-each-concurrently.ts';
import { type Patience, patiently, type Timing } from './patiently.ts';
import {
  endedAttempts,
  type Failed,
  type Failure,
  type Pending,
  reasonOf,
  waitUntilSearchable,
} from './wait-until-searchable.ts';

export interface IngestSummary {
  created: number;
  updated: number;
  unchanged: number;
  failed: Failed[];
  seconds: number;
}

interface Source {
  id: string;
  read(): NewDocument;
}

interface IngestOptions {
  client: Pick<ApiClient, 'putDocument' | 'getDocument'>;
  namespace: string;
  /** Bodies are read when they are sent, a few at a time. One that cannot be read throws, and fails alone. */
  documents: Source[];
  output: Output;
  timeoutMs: number;
  timing?: Timing;
}

const PUTS_AT_ONCE = 8;
const NETWORK_RETRIES = 20;
const systemTiming: Timing = { nowMs: () => performance.now(), sleep: (ms) => wait(ms) };

/** Puts every document, then waits until all of them are searchable, have failed for good, or the time is up. */
export async function ingestDocuments(options: IngestOptions): Promise<IngestSummary> {
  const { client, namespace, documents, output, timing = systemTiming } = options;
  const startedMs = timing.nowMs();
  const deadlineMs = startedMs + options.timeoutMs;
  const patience: Patience = { timing, deadlineMs, networkRetriesLeft: NETWORK_RETRIES };
  const summary: IngestSummary = { created: 0, updated: 0, unchanged: 0, failed: [], seconds: 0 };
  const outcomes = new Map<string, 'created' | 'updated' | 'unchanged'>();
  const pending: Pending[] = [];
  const failedBefore: Failure[] = [];

  const sending = output.progress('Sending  ', documents.length);
  let sent = 0;
  await forEachConcurrently(documents, PUTS_AT_ONCE, async (document) => {
    const read = readSource(document);
    const accepted = read.ok ? await patiently(() => client.putDocument(namespace, read.value), patience) : read;
    sending.update(++sent, document.id);
    if (!accepted.ok) {
      summary.failed.push({ id: document.id, message: whyNot(accepted.error) });
      return;
    }
    const { outcome, state, failed } = accepted.value.value;
    outcomes.set(document.id, outcome ?? 'updated');
    if (state === 'ready') return;
    pending.push({ id: document.id, endedAttempts: endedAttempts(accepted.value.value), lastFailure: failed });
    if (failed !== null) failedBefore.push(failed);
  });
  sending.end();
  for (const line of describeWaits(failedBefore)) output.line(line);

  summary.failed.push(...(await waitUntilSearchable({ client, namespace, output, patience, pending })));
  // Each document counts once: accepted and then failed is failed.
  for (const { id } of summary.failed) outcomes.delete(id);
  for (const outcome of outcomes.values()) summary[outcome] += 1;
  summary.seconds = Math.round((timing.nowMs() - startedMs) / 100) / 10;
  return summary;
}

function readSource(source: Source): Result<NewDocument, string> {
  try {
    return succeed(source.read());
  } catch (error) {
    return fail(`it cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function whyNot(error: string | ApiFailure): string {
  return typeof error === 'string' ? error : describeFailure(error);
}

/** The summary in one line, and a line for each reason why documents failed. */
export function describeSummary(summary: IngestSummary): string {
  const { created, updated, unchanged, failed, seconds } = summary;
  const counts = `${created} created, ${updated} updated, ${unchanged} unchanged, ${failed.length} failed in ${seconds} s.`;
  const reasons = [...Map.groupBy(failed, ({ message }) => message)];
  return [counts, ...reasons.map(([message, of]) => `  ${of.map(({ id }) => id).join(', ')}: ${message}`)].join('\n');
}

/** A line for each reason why documents that were put before wait: their next attempt may be minutes away. */
function describeWaits(failures: Failure[]): string[] {
  const waiting = failures.filter(({ nextRetryAt }) => nextRetryAt !== null);
  return [...Map.groupBy(waiting, reasonOf)].map(([reason, of]) => {
    const [soonest] = of.map(({ nextRetryAt }) => nextRetryAt).sort();
    return `${of.length} failed before and will be tried again, the first at ${soonest}: ${reason}`;
  });
}
