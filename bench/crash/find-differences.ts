import { isDeepStrictEqual } from 'node:util';
import { textKeyOf } from '../../src/ingest/document-objects.ts';
import type { CatalogDocument, GroundTruth, StoredPassage } from '../stack/ground-truth.ts';
import { compareContents, type Kept } from './compare-contents.ts';
import { type Difference, keyOf, left, lost, type Named, namedBy, wrong } from './difference.ts';
import type { ExpectedDocument } from './expected-document.ts';

/**
 * Every difference between what may be there and what is: each document ready in its last accepted version, each of its chunks
 * once in every index, its original in R2, and nothing else anywhere.
 */
export function findDifferences(expected: readonly ExpectedDocument[], truth: GroundTruth): Difference[] {
  const { kept, differences } = compareDocuments(expected, truth.documents);
  const live = new Map([...kept].map(([key, { document }]) => [key, document.version]));
  return [
    ...differences,
    ...compareVersions(kept, truth),
    ...compareLedger(live, truth),
    ...Object.keys(truth.indexes).flatMap((name) => compareIndex(name, kept, truth)),
    ...compareHoldings(live, truth),
    ...compareContents(kept, truth),
    ...compareUsage(truth),
  ];
}

function compareDocuments(expected: readonly ExpectedDocument[], documents: CatalogDocument[]) {
  const found = new Map(documents.map((document) => [keyOf(document), document]));
  const differences: Difference[] = [];
  const kept = new Map<string, Kept>();
  const note = (kind: Difference['kind'], { namespace, documentId }: Named, what: string) =>
    differences.push({ kind, where: 'documents', namespace, documentId, what });
  for (const { namespace, id, outcomes } of expected) {
    const named = { namespace, documentId: id };
    const document = found.get(keyOf(named));
    found.delete(keyOf(named));
    if (document === undefined) {
      if (outcomes.every(({ kind }) => kind === 'present')) note('lost', named, 'accepted, and not there');
      continue;
    }
    const presents = outcomes.filter((outcome) => outcome.kind === 'present');
    const candidates = presents.filter(({ version }) => version === null || version === document.version);
    if (presents.length === 0) note('orphan', named, `deleted, and still there: ${describe(document)}`);
    else if (candidates.length === 0)
      note('lost', named, `its last accepted version is not the newest: ${describe(document)}`);
    else if (!isSettled(document)) note('lost', named, `accepted, and not ready: ${describe(document)}`);
    kept.set(keyOf(named), { document, candidates });
  }
  for (const document of found.values()) note('orphan', document, `nobody put it: ${describe(document)}`);
  return { kept, differences };
}

/** Ready in its newest version, and with no work left. */
export function isSettled({ state, version, liveVersion, leaseToken, nextRetryAtMs }: CatalogDocument): boolean {
  return state === 'ready' && liveVersion === version && leaseToken === null && nextRetryAtMs === null;
}

function compareVersions(kept: ReadonlyMap<string, Kept>, { versions, objects }: GroundTruth): Difference[] {
  const isLive = (row: Versioned) => kept.get(keyOf(row))?.document.version === row.version;
  const liveVersions = versions.filter(isLive);
  const wanted = liveVersions.flatMap((row) => keysOf(row).map((key) => ({ row, key })));
  const named = new Set(wanted.map(({ key }) => key));
  const stored = new Set(objects.map(({ key }) => key));
  const withVersion = new Set(liveVersions.map(keyOf));
  return [
    ...missing(kept, withVersion).map((row) => ({ ...lost('versions', row, 'its newest version has no row') })),
    ...versions.filter((row) => !isLive(row)).map((row) => left('versions', row, kept, `version ${row.version}`)),
    ...wanted.filter(({ key }) => !stored.has(key)).map(({ row, key }) => lost('objects', row, `nothing under ${key}`)),
    ...objects
      .filter(({ key }) => !named.has(key))
      .map((row) => left('objects', row, kept, `something under ${row.key}`)),
  ];
}

/** Its original, and the text made of it. */
function keysOf({ objectKey, hasOwnText }: GroundTruth['versions'][number]): string[] {
  return hasOwnText ? [objectKey, textKeyOf(objectKey)] : [objectKey];
}

/** What is told of each namespace, and judged by when a quota is set. */
function compareUsage({ usage, versions }: GroundTruth): Difference[] {
  const byNamespace = Map.groupBy(versions, ({ namespace }) => namespace);
  return usage.flatMap(({ namespace, ...counted }) => {
    const rows = byNamespace.get(namespace) ?? [];
    const documents = new Set(rows.map(keyOf)).size;
    const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
    const real = { documents, chunks: sum(({ chunks }) => chunks ?? 0), bytes: sum(({ bytes }) => bytes) };
    const names = ['documents', 'chunks', 'bytes'] as const;
    return names
      .filter((name) => counted[name] !== real[name])
      .map((name) => {
        const what = `${counted[name]} ${name} counted, ${real[name]} there`;
        return wrong('namespaces', { namespace, documentId: '' }, what);
      });
  });
}

function compareLedger(live: ReadonlyMap<string, number>, { ledger }: GroundTruth): Difference[] {
  const isLive = (row: Versioned) => live.get(keyOf(row)) === row.version;
  const byDocument = Map.groupBy(ledger.filter(isLive), keyOf);
  const gaps = [...live.keys()].flatMap((key): Difference[] => {
    const rows = byDocument.get(key) ?? [];
    const isWhole = rows.length > 0 && rows.every(({ n }, at) => n === at);
    return isWhole ? [] : [lost('chunks', namedBy(key), `chunks ${rows.map(({ n }) => n).join(', ') || 'none'}`)];
  });
  return [...gaps, ...ledger.filter((row) => !isLive(row)).map((row) => left('chunks', row, live, describeChunk(row)))];
}

/** Each chunk of the ledger once, as the ledger and the lexical index have it. */
function compareIndex(name: string, kept: ReadonlyMap<string, Kept>, { ledger, indexes }: GroundTruth): Difference[] {
  const isLive = (row: Versioned) => kept.get(keyOf(row))?.document.version === row.version;
  const wanted = new Map(ledger.filter(isLive).map((row) => [row.chunkId, row]));
  const lexical = new Map((indexes.lexical ?? []).map((passage) => [passage.chunkId, passage]));
  const seen = new Set<string>();
  const differences: Difference[] = [];
  for (const passage of indexes[name] ?? []) {
    const { namespace, documentId } = passage;
    const entry = wanted.get(passage.chunkId);
    if (entry === undefined) {
      differences.push(left(name, passage, kept, describeChunk(passage)));
      continue;
    }
    if (seen.has(passage.chunkId)) {
      differences.push({ kind: 'duplicate', where: name, namespace, documentId, what: describeChunk(passage) });
    }
    seen.add(passage.chunkId);
    const isSame = keyOf(entry) === keyOf(passage) && entry.version === passage.version && entry.n === passage.n;
    const others = differingFields(lexical.get(passage.chunkId), passage);
    if (isSame && others.length === 0) continue;
    const what = `other ${isSame ? others.join(', ') : 'place'}: ${describeChunk(passage)}`;
    differences.push(wrong(name, passage, what));
  }
  const absent = [...wanted.values()].filter(({ chunkId }) => !seen.has(chunkId));
  return [...differences, ...absent.map((row) => lost(name, row, describeChunk(row)))];
}

const CONTENT = ['title', 'url', 'headings', 'text', 'start', 'end', 'lead', 'metadata'] as const;

/** Of one chunk in two indexes; nothing when one of them lacks it. */
function differingFields(one: StoredPassage | undefined, other: StoredPassage): (typeof CONTENT)[number][] {
  return one === undefined ? [] : CONTENT.filter((field) => !isDeepStrictEqual(one[field], other[field]));
}

function compareHoldings(live: ReadonlyMap<string, number>, { holdings, indexes }: GroundTruth): Difference[] {
  const names = Object.keys(indexes);
  const isLive = (row: Versioned) => live.get(keyOf(row)) === row.version;
  const byDocument = Map.groupBy(holdings.filter(isLive), keyOf);
  const unconfirmed = [...live.keys()].flatMap((key) => {
    const confirmed = new Set(byDocument.get(key)?.flatMap((row) => (row.confirmed === 1 ? [row.store] : [])));
    return names
      .filter((name) => !confirmed.has(name))
      .map((name) => lost('holdings', namedBy(key), `not known to be in ${name}`));
  });
  const stale = holdings.filter((row) => !isLive(row));
  return [...unconfirmed, ...stale.map((row) => left('holdings', row, live, `version ${row.version} in ${row.store}`))];
}

interface Versioned extends Named {
  version: number;
}

function missing(kept: ReadonlyMap<string, unknown>, present: ReadonlySet<string>): Named[] {
  return [...kept.keys()].filter((key) => !present.has(key)).map(namedBy);
}

function describe({ state, version, liveVersion, error }: CatalogDocument): string {
  return `${state}, version ${version}, live ${liveVersion}${error === null ? '' : `, ${error}`}`;
}

function describeChunk({ version, n, chunkId }: Pick<StoredPassage, 'version' | 'n' | 'chunkId'>): string {
  return `chunk ${n} of version ${version} (${chunkId})`;
}
