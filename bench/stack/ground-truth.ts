import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { isConverted } from '../../src/ingest/document-text.ts';

const integer = z.int();
const ofDocument = { namespace: z.string(), documentId: z.string(), version: integer };

const documentRow = z.object({
  ...ofDocument,
  liveVersion: integer.nullable(),
  state: z.string(),
  leaseToken: z.string().nullable(),
  nextRetryAtMs: integer.nullable(),
  error: z.string().nullable(),
});
const versionRow = z
  .object({
    ...ofDocument,
    objectKey: z.string(),
    contentType: z.string(),
    sourceUrl: z.string().nullable(),
    bytes: integer,
    chunks: integer.nullable(),
  })
  .transform(({ contentType, sourceUrl, ...row }) => ({ ...row, hasOwnText: isConverted({ contentType, sourceUrl }) }));
const usageRow = z.object({ namespace: z.string(), documents: integer, chunks: integer, bytes: integer });
const chunkRow = z.object({ ...ofDocument, n: integer, chunkId: z.string() });
const json = z.string().transform((text): unknown => JSON.parse(text));
/** A chunk as an index keeps it, all that answers and citations are made of. */
const content = {
  title: z.string().nullable().default(null),
  url: z.string().nullable().default(null),
  headings: z.array(z.string()),
  text: z.string(),
  start: integer,
  end: integer,
  lead: z.string().nullable().default(null),
  metadata: z.record(z.string(), z.unknown()),
};
const passageRow = chunkRow.extend({
  ...content,
  headings: json.pipe(content.headings),
  metadata: json.pipe(content.metadata),
});
const holdingRow = z.object({ ...ofDocument, store: z.string(), confirmed: integer });
const objectRow = z.object({
  key: z.string(),
  customMetadata: json.pipe(z.object({ namespace: z.string(), documentId: z.string().transform(decodeURIComponent) })),
});
const vectorMetadata = z.object({ ...ofDocument, n: integer, ...content });
const vectorRow = z.object({
  id: z.string(),
  /** As the store keeps it beside the metadata, which is what its queries go by. */
  namespace: z.string(),
  // Copied: what SQLite hands out need not begin where floats may.
  vector: z.instanceof(Uint8Array).transform((bytes) => new Float32Array(bytes.slice().buffer)),
  metadata: json.pipe(vectorMetadata),
});

export type CatalogDocument = z.infer<typeof documentRow>;
/** `vector`: null in the index that has none. */
export type StoredPassage = z.infer<typeof passageRow> & { vector: Float32Array | null };

/** Everything there is of documents, read from behind: from the files of D1, R2, Vectorize and Upstash Vector. */
export interface GroundTruth {
  documents: CatalogDocument[];
  /** `hasOwnText`: beside the original lies the text that was made of it. */
  versions: z.infer<typeof versionRow>[];
  /** As the catalog has counted it. */
  usage: z.infer<typeof usageRow>[];
  ledger: z.infer<typeof chunkRow>[];
  holdings: z.infer<typeof holdingRow>[];
  /** Where passages are, under the names of their holdings. */
  indexes: Record<string, StoredPassage[]>;
  objects: { key: string; namespace: string; documentId: string }[];
}

/** The stores of the local configuration, by their names in the catalog. */
const VECTORIZE_INSTANCES = { vectorize: 'primary', 'vectorize-replica': 'replica' } as const;

/** Also of a stack that runs; of Vectorize what it has processed: see `processVectorize`. */
export function readGroundTruth(stateDir: string): GroundTruth {
  const catalog = databaseWith(stateDir, 'd1/miniflare-D1DatabaseObject', 'document_versions');
  const lexical = databaseWith(stateDir, 'd1/miniflare-D1DatabaseObject', 'passages');
  const objects = databaseWith(stateDir, 'r2/miniflare-R2BucketObject', '_mf_objects');
  const cloud = (name: string) => join(stateDir, 'cloud', name);
  return {
    documents: documentsIn(catalog),
    versions: read(
      catalog,
      versionRow,
      `SELECT namespace, document_id AS documentId, version, object_key AS objectKey, content_type AS contentType,
              source_url AS sourceUrl, content_bytes AS bytes, chunk_count AS chunks
       FROM document_versions`,
    ),
    usage: read(catalog, usageRow, 'SELECT namespace, documents, chunks, bytes FROM namespaces'),
    ledger: read(
      catalog,
      chunkRow,
      `SELECT namespace, document_id AS documentId, version, n, chunk_id AS chunkId FROM chunks ORDER BY 1, 2, 3, 4`,
    ),
    holdings: read(
      catalog,
      holdingRow,
      `SELECT namespace, document_id AS documentId, version, store, confirmed FROM document_stores`,
    ),
    indexes: {
      lexical: read(
        lexical,
        passageRow,
        `SELECT namespace, document_id AS documentId, version, n, chunk_id AS chunkId, title, url, headings, text,
                start_at AS start, end_at AS end, lead, metadata
         FROM passages`,
      ).map((row) => ({ ...row, vector: null })),
      ...Object.fromEntries(
        Object.entries(VECTORIZE_INSTANCES).map(([store, instance]) => [
          store,
          vectorsIn(
            cloud('vectorize.sqlite'),
            `SELECT v.id, v.namespace, v.vector, v.metadata FROM vectors v JOIN spaces s USING (space) WHERE s.instance = ?`,
            [instance],
          ),
        ]),
      ),
      upstash: vectorsIn(cloud('vector.sqlite'), 'SELECT id, namespace, vector, metadata FROM vectors'),
    },
    objects: read(objects, objectRow, 'SELECT key, custom_metadata AS customMetadata FROM _mf_objects').map(
      ({ key, customMetadata }) => ({ key, ...customMetadata }),
    ),
  };
}

/** The catalog's documents alone, which say whether there is work left. */
export function readDocumentRows(stateDir: string): CatalogDocument[] {
  return documentsIn(databaseWith(stateDir, 'd1/miniflare-D1DatabaseObject', 'document_versions'));
}

/** Where the originals of all versions are that the catalog has now. */
export function readObjectKeys(stateDir: string): string[] {
  const catalog = databaseWith(stateDir, 'd1/miniflare-D1DatabaseObject', 'document_versions');
  const row = z.object({ objectKey: z.string() });
  return read(catalog, row, 'SELECT DISTINCT object_key AS objectKey FROM document_versions').map(
    (one) => one.objectKey,
  );
}

/** Vectorize looks at what it has accepted when it is asked something. */
export async function processVectorize(cloudUrl: string): Promise<void> {
  for (const instance of Object.values(VECTORIZE_INSTANCES)) {
    const url = new URL(`/vectorize/vigil/${instance}/describe`, cloudUrl);
    const response = await fetch(url, { method: 'POST', body: '{}' });
    if (!response.ok) throw new Error(`Vectorize (${instance}) answered ${response.status}`);
  }
}

function documentsIn(catalog: string): CatalogDocument[] {
  return read(
    catalog,
    documentRow,
    `SELECT namespace, document_id AS documentId, version, live_version AS liveVersion, state, lease_token AS leaseToken,
            next_retry_at_ms AS nextRetryAtMs, error_code || ': ' || error_message AS error
     FROM documents`,
  );
}

function vectorsIn(file: string, sql: string, parameters: string[] = []): StoredPassage[] {
  return read(file, vectorRow, sql, parameters).map(({ id, metadata, namespace, vector }) => ({
    chunkId: id,
    ...metadata,
    namespace,
    vector,
  }));
}

function read<T>(file: string, row: z.ZodType<T>, sql: string, parameters: string[] = []): T[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  try {
    return z.array(row).parse(database.prepare(sql).all(...parameters));
  } finally {
    database.close();
  }
}

/** Miniflare names the files after hashes; what is in them tells them apart. */
function databaseWith(stateDir: string, folder: string, table: string): string {
  const dir = join(stateDir, 'workers', 'v3', folder);
  const files = readdirSync(dir)
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => join(dir, name));
  const found = files.find((file) => hasTable(file, table));
  if (found === undefined) throw new Error(`no database under ${dir} has a table ${table}`);
  return found;
}

function hasTable(file: string, table: string): boolean {
  const rows = read(file, z.object({ n: integer }), `SELECT count(*) AS n FROM sqlite_master WHERE name = ?`, [table]);
  return (rows[0]?.n ?? 0) > 0;
}

/** What of it is in one namespace. */
export function truthOf(namespace: string, truth: GroundTruth): GroundTruth {
  const isInside = (row: { namespace: string }) => row.namespace === namespace;
  return {
    documents: truth.documents.filter(isInside),
    versions: truth.versions.filter(isInside),
    usage: truth.usage.filter(isInside),
    ledger: truth.ledger.filter(isInside),
    holdings: truth.holdings.filter(isInside),
    indexes: Object.fromEntries(
      Object.entries(truth.indexes).map(([name, passages]) => [name, passages.filter(isInside)]),
    ),
    objects: truth.objects.filter(isInside),
  };
}
