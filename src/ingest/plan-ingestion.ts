import type { Catalog } from '../catalog/catalog.ts';
import type { AskedTexts } from '../catalog/chunk-ledger.ts';
import type { SeenDocument } from '../catalog/documents.ts';
import { costOfIngestion } from '../cost/ingestion-cost.ts';
import { type Deadline, deadlineIn } from '../resilience/deadline.ts';
import type { UpstreamError } from '../resilience/upstream-error.ts';
import { type Result, succeed } from '../result.ts';
import { type Acceptance, isUnchanged } from './accept-document.ts';
import type { DocumentInput } from './document-identity.ts';
import type { JobError } from './ingest-job.ts';
import {
  type MeasuredChunk,
  type MeasuredDocument,
  type MeasureServices,
  measureDocument,
} from './measure-document.ts';
import type { PlanTurn } from './plan-turn.ts';

export interface PlanServices extends MeasureServices {
  catalog: Catalog;
  turn: PlanTurn;
  settings: MeasureServices['settings'] & { storeNames: string[]; planDeadlineMs: number };
}

export type PlanFailure = JobError | UpstreamError;

/** What ingesting a document would come to. */
export interface IngestionPlan extends Pick<Acceptance, 'outcome' | 'duplicateOf'> {
  title: string | null;
  contentBytes: number;
  chunks: { total: number; unchanged: number };
  /** Estimated, as the model would be given them. */
  tokens: { total: number; toEmbed: number };
  costUsd: number;
  storageUsd: number;
  /** True when a model without a listed price was charged like the dearest one. */
  isPriceEstimated: boolean;
}

/**
 * Reads, converts and cuts a document as an ingestion would, and says what that would cost. Nothing is kept, embedded
 * or changed.
 */
export async function planIngestion(
  services: PlanServices,
  input: DocumentInput,
): Promise<Result<IngestionPlan, PlanFailure>> {
  const deadline = deadlineIn(services.clock, services.settings.planDeadlineMs);
  const measured = await measureDocument(services, input, deadline);
  if (!measured.ok) return measured;
  const planned = await planMeasured(services, input.namespace, [measured.value], deadline);
  if (!planned.ok) return planned;
  const [plan] = planned.value;
  if (plan === undefined) throw new Error('a document was left without its plan');
  return succeed(plan);
}

/** The plans of documents whose ids differ, in their order. The catalog is asked about all of them together. */
export async function planMeasured(
  services: PlanServices,
  namespace: string,
  measured: MeasuredDocument[],
  deadline: Deadline,
): Promise<Result<IngestionPlan[], UpstreamError>> {
  const { catalog, settings } = services;
  const asked = measured.map(({ documentId, identity }) => ({ documentId, contentHash: identity.contentHash }));
  const seen = await catalog.documents.lookUpMany(namespace, asked, deadline);
  if (!seen.ok) return seen;
  const documents = measured.map((own, n) => ({ ...(seen.value[n] ?? UNSEEN), measured: own }));
  const known = await catalog.chunkLedger.textsAmong(
    namespace,
    documents.flatMap(liveTextsOf),
    settings.fingerprint,
    deadline,
  );
  if (!known.ok) return known;
  return succeed(
    documents.map((document) => planOf(services, document, known.value.get(document.measured.documentId) ?? NOTHING)),
  );
}

interface Document extends SeenDocument {
  measured: MeasuredDocument;
}

const UNSEEN: SeenDocument = { record: null, duplicateOf: null };
const NOTHING: ReadonlySet<string> = new Set();

/** What need not be embedded again: chunks of the version that answers come from now. */
function liveTextsOf({ record, measured: { documentId, chunks } }: Document): AskedTexts[] {
  if (record === null || record.liveVersion === null) return [];
  return [{ documentId, version: record.liveVersion, textHashes: new Set(chunks.map(({ textHash }) => textHash)) }];
}

function planOf(
  services: PlanServices,
  { record, duplicateOf, measured }: Document,
  known: ReadonlySet<string>,
): IngestionPlan {
  const { identity, title, contentBytes, chunks } = measured;
  const isSame = record !== null && isUnchanged(record, measured, identity, services.settings.fingerprint);
  const outcome = isSame ? 'unchanged' : record === null || record.state === 'deleting' ? 'created' : 'updated';
  return { outcome, duplicateOf, title, contentBytes, ...countAndPrice(services, chunks, isSame ? null : known) };
}

/** `known` is `null` when nothing would be done at all. */
function countAndPrice({ settings }: PlanServices, chunks: MeasuredChunk[], known: ReadonlySet<string> | null) {
  const { model, storeNames } = settings;
  const isKnown = ({ textHash }: MeasuredChunk) => known === null || known.has(textHash);
  const sum = (some: MeasuredChunk[]) => some.reduce((total, { tokens }) => total + tokens, 0);
  const changed = chunks.filter((chunk) => !isKnown(chunk));
  const toEmbed = sum(changed);
  const { costUsd, storageUsd, estimated } = costOfIngestion({
    embedding: { model: model.name, tokens: toEmbed },
    vectors: { stores: storeNames, dimensions: model.dimensions, count: known === null ? 0 : chunks.length },
  });
  return {
    chunks: { total: chunks.length, unchanged: chunks.length - changed.length },
    tokens: { total: sum(chunks), toEmbed },
    ...{ costUsd, storageUsd, isPriceEstimated: estimated },
  };
}
