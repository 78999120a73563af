import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { matchesFilter } from '../../src/retrieval/filters/matches-filter.ts';
import type { MetadataFilter, Scalar } from '../../src/retrieval/filters/metadata-filter.ts';
import type { LexicalIndex } from '../../src/retrieval/lexical/lexical-index.ts';
import type { Metadata } from '../../src/retrieval/passage.ts';
import type { VectorRecord, VectorStore } from '../../src/retrieval/vector-store.ts';
import { aChunk, inSeconds } from '../read-path-builders.ts';
import { type ContractCloud, startContractCloud } from './contract-cloud.ts';

const SEED = 20_261_120;
const DIMENSIONS = 384;
const NAMESPACES = ['filters-a', 'filters-b', 'filters-c'];
// No more than Vectorize gives in one page, so that what it cannot filter by itself is filtered from all there is.
const DOCUMENTS = 50;
const FILTERS_EACH = 50;

const DIGITS = '9'.repeat(64);
const LONG = 'x'.repeat(64);
// What a quote, a path, a pattern, a number or a cut at 64 bytes could take for something else.
const texts = [
  '',
  ' ',
  'en',
  'EN',
  'de-AT',
  '1',
  '01',
  '1.0',
  'true',
  'null',
  "it's",
  "' OR metadata.lang != '",
  '"quoted"',
  'back\\slash',
  '\\"',
  '%',
  '_',
  '*',
  '$.lang',
  'metadata.lang',
  '{"a":1}',
  '["en"]',
  'line\nbreak\t',
  '\u0001\u007f',
  '\u2028',
  'Straße',
  'Strasse',
  '\u00e9',
  'e\u0301',
  '日本語',
  '\uffee',
  '\u{1F600}',
  DIGITS,
  `${DIGITS}9`,
  LONG,
  `${LONG}y`,
  `${LONG}z`,
  'x'.repeat(60),
  'x'.repeat(61),
  `${'x'.repeat(63)}é`,
  `${'x'.repeat(63)}z`,
  `${'é'.repeat(30)}`,
  `${'é'.repeat(40)}`,
];
const numbers = [0, 1, -1, 1.5, 0.1, 0.1 + 0.2, 2024, 2 ** 53, -(2 ** 53), 1e21, 1.7e308, 5e-324, 1 / 3];
// The first three have metadata indexes at Vectorize, of one type each; any type may be stored under any of them.
const keys = ['lang', 'year', 'draft', 'tags', 'other', 'in'];

const anyText = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...texts) }, storableText(40));
const anyNumber = fc.oneof(
  fc.constantFrom(...numbers),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const anyScalar: fc.Arbitrary<Scalar> = fc.oneof(anyText, anyNumber, fc.boolean());
const anyList = fc.array(anyText, { maxLength: 3 });
const anyMetadata: fc.Arbitrary<Metadata> = fc.tuple(...keys.map((key) => valueUnder(key))).map((values) =>
  Object.fromEntries(
    keys.flatMap((key, index) => {
      const value = values[index];
      return value === undefined ? [] : [[key, value]];
    }),
  ),
);

/** Mostly of the type that its name suggests, sometimes of another, sometimes absent. */
function valueUnder(key: string): fc.Arbitrary<Scalar | string[] | undefined> {
  const usual = { lang: anyText, year: anyNumber, draft: fc.boolean(), tags: anyList }[key] ?? anyScalar;
  return fc.oneof(
    { weight: 5, arbitrary: usual },
    { weight: 1, arbitrary: fc.oneof(anyScalar, anyList) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

function storableText(maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: 'grapheme', maxLength }).filter((text) => text.isWellFormed() && !text.includes('\0'));
}

/** Keys and operands mostly come from one document together: a filter that nothing passes shows little. */
function conditionsOver(documents: Metadata[]): fc.Arbitrary<MetadataFilter> {
  const stored = documents.flatMap((metadata) =>
    Object.entries(metadata).flatMap(([key, value]) => [value].flat().map((scalar) => ({ key, value: scalar }))),
  );
  const pairs = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...stored) },
    { weight: 1, arbitrary: fc.record({ key: fc.constantFrom(...keys, 'missing', '__proto__'), value: anyScalar }) },
  );
  const ordered = pairs.map(({ key, value }) => ({ key, value: typeof value === 'boolean' ? Number(value) : value }));
  return fc.oneof(
    fc.tuple(fc.constantFrom('eq', 'ne'), pairs).map(([op, pair]) => ({ op, ...pair })),
    fc
      .tuple(fc.constantFrom('in', 'nin'), pairs, fc.array(pairs, { maxLength: 5 }))
      .map(([op, { key, value }, others]) => ({ op, key, values: [value, ...others.map((other) => other.value)] })),
    fc.tuple(fc.constantFrom('gt', 'gte', 'lt', 'lte'), ordered).map(([op, pair]) => ({ op, ...pair })),
    fc.record({ op: fc.constant('exists'), key: fc.constantFrom(...keys), value: fc.boolean() }),
    pairs.map(({ key, value }): MetadataFilter => ({ op: 'contains', key, value: String(value) })),
  );
}

function filtersOver(documents: Metadata[]): fc.Arbitrary<MetadataFilter> {
  return fc.letrec<{ filter: MetadataFilter }>((tie) => {
    const filters = fc.array(tie('filter'), { minLength: 1, maxLength: 4 });
    return {
      filter: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        conditionsOver(documents),
        fc.record({ op: fc.constantFrom('and', 'or'), filters }),
        fc.record({ op: fc.constant('not'), filter: tie('filter') }),
      ),
    };
  }).filter;
}

let cloud: ContractCloud;
let stores: VectorStore[];
let lexical: LexicalIndex;
const corpora = fc.sample(fc.array(anyMetadata, { minLength: DOCUMENTS, maxLength: DOCUMENTS }), {
  seed: SEED,
  numRuns: NAMESPACES.length,
});

const HOSTILE = 'filters-hostile';
const hostile = texts.map((lang): Metadata => ({ lang }));

const vector = new Float32Array(DIMENSIONS).fill(1 / Math.sqrt(DIMENSIONS));
const chunkId = (namespace: string, n: number) => `${namespace}-${String(n).padStart(2, '0')}`;

beforeAll(async () => {
  cloud = await startContractCloud();
  stores = [
    cloud.port<VectorStore>('vectorize', { name: 'vectorize', maxBatch: 100, maxFetch: 20 }),
    cloud.port<VectorStore>('upstash', { name: 'upstash', maxBatch: 200, maxFetch: 100 }),
  ];
  lexical = cloud.port<LexicalIndex>('lexical', {});
  for (const [index, namespace] of NAMESPACES.entries()) await write(namespace, corpora[index] ?? []);
  await write(HOSTILE, hostile);
}, 180_000);

afterAll(() => cloud.close());

async function write(namespace: string, documents: Metadata[]): Promise<void> {
  const records = documents.map((metadata, n): VectorRecord => {
    const chunk = aChunk({ chunkId: chunkId(namespace, n), namespace, n, text: 'Quokka.', metadata });
    return { chunk, values: vector };
  });
  expect(
    await lexical.put(
      records.map(({ chunk }) => chunk),
      inSeconds(30),
    ),
  ).toMatchObject({ ok: true });
  for (const store of stores) {
    const written = await store.upsert(namespace, records, inSeconds(30));
    if (!written.ok) throw new Error(`not written: ${JSON.stringify(written.error)}`);
    await vi.waitFor(
      async () => expect(await store.isVisible(namespace, written.value, inSeconds(10))).toMatchObject({ value: true }),
      { timeout: 30_000, interval: 100 },
    );
  }
}

function idsOfMatches(namespace: string, documents: Metadata[], filter: MetadataFilter): string[] {
  return documents.flatMap((metadata, n) => (matchesFilter(filter, metadata) ? [chunkId(namespace, n)] : []));
}

/** What each store and the lexical index find, by their names. */
async function findEverywhere(namespace: string, filter: MetadataFilter): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const store of stores) {
    const answer = await store.query({ namespace, vector, topK: DOCUMENTS, filter }, inSeconds(10));
    found[store.name] = answer.ok ? answer.value.matches.map(({ chunk }) => chunk.chunkId).sort() : answer.error;
  }
  const answer = await lexical.search({ namespace, question: 'quokka', limit: DOCUMENTS, filter }, inSeconds(10));
  found.lexical = answer.ok ? answer.value.matches.map(({ chunk }) => chunk.chunkId).sort() : answer.error;
  return found;
}

describe('every store and the lexical index', { timeout: 300_000 }, () => {
  it.each(NAMESPACES.map((namespace, index) => [namespace, index] as const))(
    'find exactly what a filter means, in %s',
    async (namespace, index) => {
      const documents = corpora[index] ?? [];
      let narrowing = 0;
      await fc.assert(
        fc.asyncProperty(filtersOver(documents), async (filter) => {
          const ids = idsOfMatches(namespace, documents, filter);
          if (ids.length > 0 && ids.length < DOCUMENTS) narrowing += 1;
          expect(await findEverywhere(namespace, filter)).toEqual({ vectorize: ids, upstash: ids, lexical: ids });
        }),
        { seed: SEED + index, numRuns: FILTERS_EACH },
      );
      expect(narrowing).toBeGreaterThan(FILTERS_EACH / 3);
    },
  );

  it('tell each hostile text from every other, by value and by order', async () => {
    for (const [n, value] of texts.entries()) {
      const equal: MetadataFilter = { op: 'eq', key: 'lang', value };
      const ids = [chunkId(HOSTILE, n)];
      expect(await findEverywhere(HOSTILE, equal)).toEqual({ vectorize: ids, upstash: ids, lexical: ids });
      for (const op of ['gt', 'lte'] as const) {
        const filter: MetadataFilter = { op, key: 'lang', value };
        const expected = idsOfMatches(HOSTILE, hostile, filter);
        expect(await findEverywhere(HOSTILE, filter)).toEqual({
          vectorize: expected,
          upstash: expected,
          lexical: expected,
        });
      }
    }
  });

  it('take the largest filter there is', async () => {
    const deep = (depth: number): MetadataFilter =>
      depth === 0
        ? {
            op: 'or',
            filters: Array.from({ length: 32 }, (_, n) => ({ op: 'in', key: 'lang', values: texts.slice(n) })),
          }
        : { op: 'not', filter: deep(depth - 1) };
    const filter = deep(6);
    const ids = idsOfMatches(HOSTILE, hostile, filter);
    expect(await findEverywhere(HOSTILE, filter)).toEqual({ vectorize: ids, upstash: ids, lexical: ids });
  });
});
