import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MetadataFilter } from '../../src/retrieval/filters/metadata-filter.ts';
import type { LexicalIndex } from '../../src/retrieval/lexical/lexical-index.ts';
import type { StoredChunk } from '../../src/retrieval/passage.ts';
import { aChunk, inSeconds } from '../read-path-builders.ts';
import { type ContractCloud, startContractCloud } from './contract-cloud.ts';

let cloud: ContractCloud;
let index: LexicalIndex;

beforeAll(async () => {
  cloud = await startContractCloud();
  index = cloud.port<LexicalIndex>('lexical', {});
}, 120_000);

afterAll(() => cloud.close());

async function put(...chunks: StoredChunk[]): Promise<void> {
  expect(await index.put(chunks, inSeconds(10))).toMatchObject({ ok: true });
}

async function find(
  namespace: string,
  question: string,
  limit = 10,
  filter: MetadataFilter | null = null,
): Promise<StoredChunk[]> {
  const found = await index.search({ namespace, question, limit, filter }, inSeconds(10));
  if (!found.ok) throw new Error(`failed: ${JSON.stringify(found.error)}`);
  return found.value.matches.map(({ chunk }) => chunk);
}

const idsOf = (chunks: StoredChunk[]) => chunks.map(({ chunkId }) => chunkId);

// What every lexical index must do is in lexical-index.contract.ts; here is what D1's adds.
describe('the lexical index on D1', { timeout: 60_000 }, () => {
  it('lets the words of many passages count where a rarer one is, and finds them alone', async () => {
    const text = (n: number) => (n % 5 < 2 ? 'A pump with a valve.' : 'A pump.');
    const many = Array.from({ length: 300 }, (_, n) =>
      aChunk({ chunkId: `pump-${n}`, namespace: 'common', n, title: null, text: text(n) }),
    );
    const rare = (chunkId: string, words: string) =>
      aChunk({ chunkId, namespace: 'common', title: null, text: `${words} Rotor.` });
    await put(...many, rare('rotor', 'A part.'), rare('rotor-valve', 'A valve.'));
    expect(idsOf(await find('common', 'a rotor with a valve', 50)).slice(0, 2)).toEqual(['rotor-valve', 'rotor']);
    expect(await find('common', 'the pump', 500)).toHaveLength(300);
    expect(await find('common', 'a', 500)).toHaveLength(302);
  });

  it('scores, larger for better', async () => {
    await put(
      aChunk({ chunkId: 'once', namespace: 'scores', title: null, text: 'One cookie among many other words here.' }),
      aChunk({ chunkId: 'twice', namespace: 'scores', title: null, text: 'A cookie and a cookie.' }),
      aChunk({ chunkId: 'never', namespace: 'scores', title: null, text: 'Nothing to eat.' }),
    );
    const question = { namespace: 'scores', question: 'cookie', limit: 5, filter: null };
    const found = await index.search(question, inSeconds(10));
    const scores = found.ok ? found.value.matches.map(({ chunk, score }) => [chunk.chunkId, score > 0]) : [];
    expect(scores).toEqual([
      ['twice', true],
      ['once', true],
    ]);
  });

  it('keeps namespaces apart', async () => {
    await put(aChunk({ chunkId: 'mine', namespace: 'mine' }), aChunk({ chunkId: 'yours', namespace: 'yours' }));
    expect(idsOf(await find('mine', 'limit'))).toEqual(['mine']);
    expect(await find('nobody', 'limit')).toEqual([]);
    const everything: MetadataFilter = { op: 'not', filter: { op: 'eq', key: 'a', value: 'a' } };
    expect(idsOf(await find('mine', 'limit', 10, everything))).toEqual(['mine']);
  });

  it.each(['quokka', 'X-Request-Id', 'TS2345', '水族館', '水'])(
    'keeps namespaces and filters apart however it looks for "%s"',
    async (question) => {
      const text = 'A quokka sent X-Request-Id and TS2345 to the 水族館 水 today.';
      const chunk = (namespace: string, lang: string) =>
        aChunk({ chunkId: `${namespace}-${lang}`, namespace, documentId: lang, text, metadata: { lang } });
      await put(...['apart', 'apart-2'].flatMap((namespace) => [chunk(namespace, 'en'), chunk(namespace, 'ja')]));
      expect(idsOf(await find('apart', question)).sort()).toEqual(['apart-en', 'apart-ja']);
      const japanese: MetadataFilter = { op: 'eq', key: 'lang', value: 'ja' };
      expect(idsOf(await find('apart', question, 10, japanese))).toEqual(['apart-ja']);
      expect(await find('apar', question)).toEqual([]);
    },
  );

  it.each(['Mine', 'mine ', 'mine%', 'm_ne', "mine' OR '1' = '1", '*', '', 'mіne'])(
    'takes the namespace "%s" for no other',
    async (namespace) => {
      await put(aChunk({ chunkId: 'mine', namespace: 'mine' }));
      expect(await find(namespace, 'limit')).toEqual([]);
    },
  );

  it('searches only what passes the filter, before it counts to the limit', async () => {
    const years = Array.from({ length: 40 }, (_, n) =>
      aChunk({ chunkId: `year-${n}`, namespace: 'years', n, metadata: { year: 1990 + n, tags: [`tag-${n}`] } }),
    );
    await put(...years);
    const late: MetadataFilter = { op: 'gte', key: 'year', value: 2028 };
    expect(idsOf(await find('years', 'limit', 2, late)).sort()).toEqual(['year-38', 'year-39']);
    const tagged: MetadataFilter = { op: 'contains', key: 'tags', value: 'tag-17' };
    expect(idsOf(await find('years', 'limit', 2, tagged))).toEqual(['year-17']);
  });
});
