import type { Deadline } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { LEXICAL } from '../retrieval/lexical/lexical-index.ts';
import type { VectorRecord, VectorStore, WriteReceipt } from '../retrieval/vector-store.ts';
import { embeddedText } from './embedded-text.ts';
import { endIfUnwritable } from './end-if-unwritable.ts';
import { endWith, type IngestJob, ongoing, type PreparedChunk } from './ingest-job.ts';
import type { IngestServices } from './ingest-services.ts';
import { knownVectors } from './known-vectors.ts';
import { reportProgress, stepDeadline } from './lease-deadline.ts';
import { PAUSE_MS } from './pause.ts';

interface Item {
  job: IngestJob;
  prepared: PreparedChunk;
}
interface EmbeddedItem extends Item {
  values: Float32Array;
}

/**
 * Embeds the chunks of all documents together, in full calls, and writes each slice to every store that lacks it
 * before the next one is embedded, so that memory does not grow with the batch. Short documents come first, and
 * `whenWritten` hears of documents as soon as all of them is written.
 */
export async function writeChunks(
  services: IngestServices,
  jobs: IngestJob[],
  whenWritten: (written: IngestJob[]) => Promise<void>,
): Promise<void> {
  const shortestFirst = ongoing(jobs).sort((a, b) => a.chunks.length - b.chunks.length);
  const items = shortestFirst.flatMap((job) => job.chunks.map((prepared) => ({ job, prepared })));
  const sliceLength = services.embedder.model.maxTextsPerCall;
  const written = shortestFirst.filter((job) => job.chunks.length === 0);
  for (let at = 0; at < items.length; at += sliceLength) {
    const slice = items.slice(at, at + sliceLength);
    const outage = await writeSlice(services, slice);
    await reportProgress(services, jobs);
    const completed = ongoing([...new Set(slice.map(({ job }) => job))]).filter(isComplete);
    await noteHoldings(services, completed);
    written.push(...completed);
    if (outage !== null) {
      // What is left would only wait for the same failure, slice after slice.
      for (const { job } of items.slice(at + sliceLength)) endWith(job, outage);
      return;
    }
    await whenWritten(ongoing(written));
  }
}

/** Why the model cannot be asked at present, if that is so. */
async function writeSlice(services: IngestServices, items: Item[]): Promise<UpstreamError | null> {
  const deadline = stepDeadline(services);
  const { embedded, outage } = await embed(services, stillWanted(items), deadline);
  await inTurns(services, [
    ...services.stores.map((store) => () => writeToStore(store, embedded, deadline)),
    () => writeToLexicalIndex(services, embedded, deadline),
  ]);
  for (const { job } of embedded) {
    job.progress.done += 1;
    if (job.progress.done === job.progress.total) job.progress.stage = 'indexing';
    endIfUnwritable(services, job);
  }
  return outage;
}

async function embed(
  services: IngestServices,
  items: Item[],
  deadline: Deadline,
): Promise<{ embedded: EmbeddedItem[]; outage: UpstreamError | null }> {
  const { embedder, telemetry } = services;
  const known = await knownVectors(services, items, deadline);
  const vectorOf = ({ prepared }: Item) => known.get(prepared.chunk.chunkId);
  const answers = await inIsolation(
    items.filter((item) => vectorOf(item) === undefined),
    (some) =>
      embedder.embed(
        some.map(({ prepared }) => embeddedText(prepared.chunk, embedder.model)),
        deadline,
      ),
  );
  telemetry.count('chunks.vectors', { source: 'stores' }, known.size);
  telemetry.count('chunks.vectors', { source: 'embedder' }, items.length - known.size);
  let outage: UpstreamError | null = null;
  const made = answers.flatMap(({ some, answer }) => {
    if (answer.ok) return some.map((item, n) => withValues(item, answer.value.vectors[n]));
    if (answer.error.class !== 'permanent') outage = answer.error;
    for (const { job } of some) endWith(job, answer.error);
    return [];
  });
  const found = items.filter((item) => vectorOf(item) !== undefined).map((item) => withValues(item, vectorOf(item)));
  return { embedded: stillWanted([...found, ...made]), outage };
}

/** Together, but for their beginnings: each makes one long text of all vectors, and whoever else is on this thread waits. */
async function inTurns({ wait }: IngestServices, writes: (() => Promise<void>)[]): Promise<void> {
  await Promise.all(
    writes.map(async (write, turn) => {
      for (let before = 0; before < turn; before += 1) await wait(PAUSE_MS);
      await write();
    }),
  );
}

function withValues(item: Item, values: Float32Array | undefined): EmbeddedItem {
  if (values === undefined) throw new Error('the embedder answered with fewer vectors than texts');
  return { ...item, values };
}

async function writeToStore(store: VectorStore, items: EmbeddedItem[], deadline: Deadline): Promise<void> {
  const lacking = items.filter(({ job }) => lacks(job, store.name));
  for (const [namespace, inNamespace] of Map.groupBy(lacking, ({ job }) => job.record.namespace)) {
    for (let at = 0; at < inNamespace.length; at += store.maxBatch) {
      const batch = inNamespace.slice(at, at + store.maxBatch).filter(({ job }) => lacks(job, store.name));
      const answers = await inIsolation(batch, (some) => store.upsert(namespace, some.map(recordOf), deadline));
      for (const { some, answer } of answers) noteAnswer(some, store.name, answer);
    }
  }
}

async function writeToLexicalIndex(services: IngestServices, items: EmbeddedItem[], deadline: Deadline): Promise<void> {
  const lacking = items.filter(({ job }) => lacks(job, LEXICAL));
  const answers = await inIsolation(lacking, async (some) => {
    const put = await services.lexicalIndex.put(
      some.map(({ prepared }) => prepared.chunk),
      deadline,
    );
    return put.ok ? succeed('') : put;
  });
  for (const { some, answer } of answers) noteAnswer(some, LEXICAL, answer);
}

/** Calls once for all; when the vendor finds something wrong with the input, once a document, to find out whose it is. */
async function inIsolation<I extends Item, T>(
  items: I[],
  call: (some: I[]) => Promise<Result<T, UpstreamError>>,
): Promise<{ some: I[]; answer: Result<T, UpstreamError> }[]> {
  if (items.length === 0) return [];
  const answer = await call(items);
  const byDocument = [...Map.groupBy(items, ({ job }) => job).values()];
  if (answer.ok || answer.error.class !== 'permanent' || byDocument.length === 1) return [{ some: items, answer }];
  const answers = [];
  for (const some of byDocument) answers.push({ some, answer: await call(some) });
  return answers;
}

function noteAnswer(items: EmbeddedItem[], store: string, answer: Result<WriteReceipt, UpstreamError>): void {
  for (const { job } of items) {
    if (!answer.ok) job.storeErrors.set(store, answer.error);
    // Receipts of one store are in order: the last one covers those before.
    else
      job.holdings.set(store, {
        store,
        version: job.record.version,
        receipt: answer.value,
        confirmed: store === LEXICAL,
      });
  }
}

function isComplete({ progress }: IngestJob): boolean {
  return progress.done === progress.total;
}

async function noteHoldings(services: IngestServices, jobs: IngestJob[]): Promise<void> {
  const held = jobs.map((job) => {
    for (const store of job.storeErrors.keys()) job.holdings.delete(store);
    const holdings = [...job.holdings.values()].filter(({ store }) => job.missing.has(store));
    return { lease: job.lease, holdings };
  });
  const noted = await services.catalog.documentStores.note(held, stepDeadline(services));
  if (noted.ok) return;
  for (const job of jobs) endWith(job, noted.error);
}

function stillWanted<I extends Item>(items: I[]): I[] {
  return items.filter(({ job }) => job.end === null);
}

function lacks(job: IngestJob, store: string): boolean {
  return job.missing.has(store) && !job.storeErrors.has(store);
}

function recordOf({ prepared, values }: EmbeddedItem): VectorRecord {
  return { chunk: prepared.chunk, values };
}
