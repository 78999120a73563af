import type { DocumentRecord } from '../catalog/document-record.ts';
import { FORGOTTEN } from '../catalog/document-stores.ts';
import type { Claim, Lease } from '../catalog/leases.ts';
import { partition } from '../partition.ts';
import { LEXICAL } from '../retrieval/lexical/lexical-index.ts';
import { type IngestJob, type MessageOutcome, ongoing, POSTPONED_MS, permanently } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { stepDeadline } from './lease-deadline.ts';
import type { IngestMessage } from './message.ts';

const CATALOG_RETRY_SECONDS = 10;

// What an address has to say is not known before it is read.
const UNREAD_SHARE = 1 / 8;

// Deployments cut off whatever is under way, and a document that does so itself takes others with it: these have two
// attempts of their own before they are given up.
const ATTEMPTS_ALONE = 2;

// Of the batches in which they and others come together.
const SUSPECTS_SHARE = 1 / 2;

export type ClaimedMessage = { job: IngestJob } | { outcome: MessageOutcome };

/** A job for each message whose document is free and has work to do; for the others, what to tell the queue. */
export async function claimMessages(services: IngestServices, messages: IngestMessage[]): Promise<ClaimedMessage[]> {
  const { catalog, clock, settings, telemetry } = services;
  const stores = [...services.stores.map((store) => store.name), LEXICAL];
  const requests = messages.map((work) => ({ work, token: services.newId() }));
  const options = { stores, nowMs: clock.nowMs(), leaseMs: settings.leaseMs };
  const claims = await catalog.leases.claim(requests, options, stepDeadline(services));
  if (!claims.ok) return messages.map(() => ({ outcome: { kind: 'retry', delaySeconds: CATALOG_RETRY_SECONDS } }));
  const claimed = claims.value.map((claim) => {
    telemetry.count('queue.messages', { outcome: claim.kind });
    return takeUp(claim, stores, settings.maxAttempts);
  });
  postponeOthers(services, claimed);
  return claimed;
}

/**
 * Whatever cut off the last attempts of a document must not end others: it is worked on alone, and whoever comes with it
 * waits for another batch. Whose turn it is when both come is a matter of chance, so that neither waits for as long as
 * there are others.
 */
function postponeOthers({ settings, random }: IngestServices, claimed: ClaimedMessage[]): void {
  const jobs = ongoing(claimed.flatMap((message) => ('job' in message ? [message.job] : [])));
  // However few attempts there are: one that was never cut off is no suspect.
  const suspicious = Math.max(1, settings.maxAttempts - ATTEMPTS_ALONE);
  const [suspects, others] = partition(jobs, ({ record }) => record.interruptions >= suspicious);
  const isSuspectsTurn = suspects.length > 0 && (others.length === 0 || random() < SUSPECTS_SHARE);
  const taken = isSuspectsTurn ? new Set(suspects.slice(0, 1)) : firstOf(others, settings.maxBatchBytes);
  for (const job of others) if (!taken.has(job)) job.end = { kind: 'postponed', delayMs: POSTPONED_MS };
  // One after another: those that come together can only be taken one by one.
  const waiting = suspects.filter((job) => !taken.has(job));
  for (const [n, job] of waiting.entries()) job.end = { kind: 'postponed', delayMs: (n + 1) * POSTPONED_MS };
}

/** A batch's documents, and what is to be removed of them, are in memory together: as many as may be, but always one. */
function firstOf(jobs: IngestJob[], maxBatchBytes: number): Set<IngestJob> {
  const taken = new Set<IngestJob>();
  let bytes = 0;
  for (const job of jobs) {
    const size = bytesOf(job, maxBatchBytes);
    if (taken.size > 0 && bytes + size > maxBatchBytes) continue;
    taken.add(job);
    bytes += size;
  }
  return taken;
}

function bytesOf({ record }: IngestJob, maxBatchBytes: number): number {
  return record.contentBytes || Math.ceil(maxBatchBytes * UNREAD_SHARE);
}

function takeUp(claim: Claim, stores: string[], maxAttempts: number): ClaimedMessage {
  switch (claim.kind) {
    case 'claimed':
      return { job: jobOf(claim.record, claim.lease, stores, maxAttempts) };
    case 'stale':
      return { outcome: { kind: 'ack' } };
    case 'busy':
      return { outcome: { kind: 'retry', delaySeconds: Math.max(1, Math.ceil(claim.retryAfterMs / 1_000)) } };
  }
}

function jobOf(record: DocumentRecord, lease: Lease, stores: string[], maxAttempts: number): IngestJob {
  const isDelete = record.state === 'deleting';
  const heldVersion = isDelete ? FORGOTTEN : record.version;
  const holdings = new Map(
    record.holdings.filter((held) => held.version === heldVersion).map((held) => [held.store, held]),
  );
  const isHopeless = record.state === 'processing' && record.interruptions >= maxAttempts;
  const message = `Each of the last ${record.interruptions} attempts was cut off before it could finish.`;
  return {
    lease,
    record,
    isLive: record.state === 'ready',
    progress: { stage: record.stage ?? 'chunking', done: record.chunksDone, total: record.chunksTotal },
    missing: new Set(stores.filter((store) => !holdings.has(store))),
    chunks: [],
    knownTexts: new Map(),
    holdings,
    storeErrors: new Map(),
    end: isHopeless ? { kind: 'failed', error: permanently('INTERRUPTED', message) } : null,
  };
}
