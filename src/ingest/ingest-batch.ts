import { partition } from '../partition.ts';
import { claimMessages } from './claim-messages.ts';
import { convertDocuments } from './convert-documents.ts';
import { deleteDocuments } from './delete-documents.ts';
import { isConverted } from './document-text.ts';
import { goLive, goLiveIfSeen } from './go-live.ts';
import type { IngestJob, MessageOutcome } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import type { IngestMessage } from './message.ts';
import { prepareDocuments } from './prepare-documents.ts';
import { refuseForeign } from './refuse-foreign.ts';
import { retireDespiteFailure, retireVersions } from './retire-versions.ts';
import { settleJobs } from './settle-jobs.ts';
import { writeChunks } from './write-chunks.ts';

/**
 * One batch of messages is one job: documents are made searchable, or removed, together. It may be cut off at any
 * point and repeated at any time: the rows in D1 say what has been done, every write can be done twice, and each
 * document belongs to one worker until its lease ends.
 */
export async function ingestBatch(services: IngestServices, messages: IngestMessage[]): Promise<MessageOutcome[]> {
  const claimed = await claimMessages(services, messages);
  const jobs = claimed.flatMap((message) => ('job' in message ? [message.job] : []));
  const [taken, ended] = partition(jobs, (job) => job.end === null);
  // Before anything begins that may cut the batch off: nothing was tried of what is postponed.
  const endedOutcomes = await settleJobs(services, ended);
  const [deletions, others] = partition(taken, (job) => job.record.state === 'deleting');
  const [failed, ingestions] = partition(others, (job) => job.record.state === 'failed');
  // Whoever has to be read from elsewhere or converted first keeps nobody waiting.
  const [converted, texts] = partition(ingestions, (job) => isConverted(job.record));
  await Promise.all([
    deleteDocuments(services, deletions),
    retireVersions(services, failed),
    makeSearchable(services, texts),
    makeSearchable(services, converted),
  ]);
  await retireDespiteFailure(services, ingestions);
  const outcomes = new Map([...endedOutcomes, ...(await settleJobs(services, taken))]);
  return claimed.map((message) => ('job' in message ? outcomeOf(message.job, outcomes) : message.outcome));
}

// Ids are in the ledger before any store sees them, the new version is in the stores before answers come from it, and
// the version before disappears only after that.
async function makeSearchable(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  await refuseForeign(services, jobs);
  await convertDocuments(services, jobs);
  await prepareDocuments(services, jobs);
  await writeChunks(services, jobs, (written) => goLiveIfSeen(services, written));
  await goLive(services, jobs);
  await retireVersions(services, jobs);
}

function outcomeOf(job: IngestJob, outcomes: Map<IngestJob, MessageOutcome>): MessageOutcome {
  const outcome = outcomes.get(job);
  if (outcome === undefined) throw new Error('a job was left without an outcome');
  return outcome;
}
