import { describe, expect, it } from 'vitest';
import type { GroundTruth, StoredPassage } from '../stack/ground-truth.ts';
import { type ExpectedDocument, type GivenDocument, outcomesAfter } from './expected-document.ts';
import { findDifferences } from './find-differences.ts';

const INDEXES = ['lexical', 'vectorize', 'vectorize-replica', 'upstash'];
const VECTOR_STORES = INDEXES.slice(1);
const SENTENCES = ['The first sentence.', 'The second sentence.'];
const GIVEN: GivenDocument = {
  markdown: `# Two sentences\n\n${SENTENCES[0]}\n\n## The last one\n\n${SENTENCES[1]}\n`,
  sentences: SENTENCES,
  ...{ title: null, url: 'https://example.org/two', metadata: { lang: 'en' } },
};

interface Made {
  id: string;
  version: number;
}

/** Documents of two chunks each, as they are when all is well. */
function aTruth(...documents: Made[]): GroundTruth {
  const ofDocument = ({ id, version }: Made) => ({ namespace: 'docs', documentId: id, version });
  const passages = documents.flatMap((made) =>
    SENTENCES.map((text, n): StoredPassage => {
      const start = GIVEN.markdown.indexOf(text);
      const headings = n === 0 ? ['Two sentences'] : ['Two sentences', 'The last one'];
      const { url, metadata } = GIVEN;
      return {
        ...{
          ...ofDocument(made),
          n,
          chunkId: `${made.id}-${made.version}-${n}`,
          title: 'Two sentences',
          headings,
          text,
        },
        ...{ start, end: start + text.length, lead: null, url, metadata, vector: null },
      };
    }),
  );
  return {
    documents: documents.map((made) => ({
      ...ofDocument(made),
      ...{ liveVersion: made.version, state: 'ready', leaseToken: null, nextRetryAtMs: null, error: null },
    })),
    versions: documents.map((made) => ({
      ...ofDocument(made),
      ...{ objectKey: `v1/${made.id}/${made.version}`, hasOwnText: false, bytes: 100, chunks: SENTENCES.length },
    })),
    usage: [usageOf(documents.length)],
    ledger: passages.map(({ namespace, documentId, version, n, chunkId }) => ({
      namespace,
      documentId,
      version,
      n,
      chunkId,
    })),
    holdings: documents.flatMap((made) => INDEXES.map((store) => ({ ...ofDocument(made), store, confirmed: 1 }))),
    indexes: Object.fromEntries(INDEXES.map((name) => [name, [...passages]])),
    objects: documents.map(({ id, version }) => ({ key: `v1/${id}/${version}`, namespace: 'docs', documentId: id })),
  };
}

function usageOf(documents: number): GroundTruth['usage'][number] {
  return { namespace: 'docs', documents, chunks: documents * SENTENCES.length, bytes: documents * 100 };
}

function present(id: string, version: number | null): ExpectedDocument {
  return { namespace: 'docs', id, outcomes: [{ kind: 'present', version, given: GIVEN }] };
}

function absent(id: string): ExpectedDocument {
  return { namespace: 'docs', id, outcomes: [{ kind: 'absent' }] };
}

/** One line for each difference, of the kind and place alone. */
function found(expected: ExpectedDocument[], truth: GroundTruth): string[] {
  return findDifferences(expected, truth).map(({ kind, where }) => `${kind} in ${where}`);
}

const A = { id: 'a', version: 7 };
const OLD_A = { id: 'a', version: 5 };
const B = { id: 'b', version: 9 };

describe('the checker of what is left after a crash', () => {
  it('finds nothing when all is well', () => {
    expect(findDifferences([present('a', 7), present('b', 9), absent('c')], aTruth(A, B))).toEqual([]);
  });

  it('sees a document that was accepted and is nowhere', () => {
    expect(found([present('a', 7), present('b', 9)], aTruth(A))).toEqual(['lost in documents']);
  });

  it('sees a version that was accepted and forgotten', () => {
    expect(found([present('a', 8)], aTruth(A))).toEqual(['lost in documents']);
  });

  it('sees a document that is stuck', () => {
    for (const stuck of [
      { state: 'processing' },
      { state: 'failed' },
      { liveVersion: 5 },
      { leaseToken: 'somebody' },
      { nextRetryAtMs: 1 },
    ]) {
      const truth = aTruth(A);
      truth.documents = truth.documents.map((document) => ({ ...document, ...stuck }));
      expect(found([present('a', 7)], truth)).toEqual(['lost in documents']);
    }
  });

  it('sees a deleted document that is still there', () => {
    expect(found([absent('a')], aTruth(A))).toEqual(['orphan in documents']);
  });

  it('sees a document that nobody put', () => {
    expect(found([present('a', 7)], aTruth(A, B))).toContain('orphan in documents');
  });

  it.each(INDEXES)('sees a chunk that %s lacks', (name) => {
    const truth = aTruth(A);
    truth.indexes[name]?.pop();
    expect(found([present('a', 7)], truth)).toContain(`lost in ${name}`);
  });

  it.each(INDEXES)('sees a chunk that %s has twice', (name) => {
    const truth = aTruth(A);
    truth.indexes[name]?.push(...(aTruth(A).indexes[name] ?? []).slice(0, 1));
    expect(found([present('a', 7)], truth)).toEqual([`duplicate in ${name}`]);
  });

  it.each(INDEXES)('sees a chunk of an old version in %s', (name) => {
    const truth = aTruth(A);
    truth.indexes[name]?.push(...(aTruth(OLD_A).indexes[name] ?? []).slice(0, 1));
    expect(found([present('a', 7)], truth)).toEqual([`duplicate in ${name}`]);
  });

  it.each(INDEXES)('sees a chunk of a deleted document in %s', (name) => {
    const truth = aTruth(A);
    truth.indexes[name]?.push(...(aTruth(B).indexes[name] ?? []).slice(0, 1));
    expect(found([present('a', 7), absent('b')], truth)).toEqual([`orphan in ${name}`]);
  });

  it.each(VECTOR_STORES)('sees a chunk with other content, or in another namespace, in %s', (name) => {
    for (const change of [
      ...[{ namespace: 'other' }, { n: 4 }, { text: 'Something else.' }, { title: 'Another' }, { url: null }],
      ...[{ headings: ['Another'] }, { start: 3 }, { end: 3 }, { lead: ' ' }, { metadata: {} }],
    ]) {
      const truth = aTruth(A);
      truth.indexes[name] = (truth.indexes[name] ?? []).map((passage, n) =>
        n === 0 ? { ...passage, ...change } : passage,
      );
      expect(found([present('a', 7)], truth)).toEqual([`wrong in ${name}`]);
    }
  });

  it('sees an original that is missing, and one that nobody needs', () => {
    const truth = aTruth(A);
    truth.objects = [{ key: 'v1/a/5', namespace: 'docs', documentId: 'a' }];
    truth.objects.push({ key: 'v1/b/9', namespace: 'docs', documentId: 'b' });
    expect(found([present('a', 7), absent('b')], truth)).toEqual([
      'lost in objects',
      'duplicate in objects',
      'orphan in objects',
    ]);
  });

  it('takes the text that was made of an original for its own, and misses it', () => {
    const converted = () => {
      const truth = aTruth(A);
      truth.versions = truth.versions.map((row) => ({ ...row, hasOwnText: true }));
      return truth;
    };
    const text = { key: 'v1/a/7/text', namespace: 'docs', documentId: 'a' };
    const whole = converted();
    whole.objects.push(text);
    expect(findDifferences([present('a', 7)], whole)).toEqual([]);
    expect(found([present('a', 7)], converted())).toEqual(['lost in objects']);
    const needless = aTruth(A);
    needless.objects.push(text);
    expect(found([present('a', 7)], needless)).toEqual(['duplicate in objects']);
  });

  it.each(['documents', 'chunks', 'bytes'] as const)('sees %s that are miscounted', (name) => {
    const truth = aTruth(A);
    truth.usage = [{ ...usageOf(1), [name]: 3 }];
    expect(found([present('a', 7)], truth)).toEqual(['wrong in namespaces']);
  });

  it.each(['versions', 'ledger', 'holdings'] as const)('sees rows among the %s that are missing or left', (rows) => {
    const where = rows === 'ledger' ? 'chunks' : rows;
    expect(found([present('a', 7)], { ...aTruth(A), [rows]: [] })).toContain(`lost in ${where}`);
    const withOld = { ...aTruth(A), [rows]: [...aTruth(A)[rows], ...aTruth(OLD_A)[rows].slice(0, 1)], usage: [] };
    expect(found([present('a', 7)], withOld)).toEqual([`duplicate in ${where}`]);
    const withGone = { ...aTruth(A), [rows]: [...aTruth(A)[rows], ...aTruth(B)[rows].slice(0, 1)], usage: [] };
    expect(found([present('a', 7), absent('b')], withGone)).toEqual([`orphan in ${where}`]);
  });

  it('sees a store that is not known to have the document', () => {
    const truth = aTruth(A);
    truth.holdings = truth.holdings.map((row) => (row.store === 'upstash' ? { ...row, confirmed: 0 } : row));
    expect(found([present('a', 7)], truth)).toEqual(['lost in holdings']);
  });

  it('sees a sentence that is in no passage', () => {
    const expected = present('a', 7);
    const given = { ...GIVEN, sentences: [...SENTENCES, 'The third sentence.'] };
    expected.outcomes = [{ kind: 'present', version: 7, given }];
    expect(found([expected], aTruth(A))).toEqual(['lost in lexical']);
  });
});

describe('a chunk that is the same everywhere', () => {
  it.each([
    { title: 'Another' },
    { url: null },
    { metadata: { lang: 'de' } },
    { headings: ['Another'] },
    { start: 3 },
    { end: 3 },
  ])('is compared with what was accepted: %o', (change) => {
    const truth = aTruth(A);
    truth.indexes = Object.fromEntries(
      Object.entries(truth.indexes).map(([name, passages]) => [name, passages.map((one) => ({ ...one, ...change }))]),
    );
    expect(found([present('a', 7)], truth)).toEqual(['wrong in lexical', 'wrong in lexical']);
  });
});

describe('a request without an answer', () => {
  const textBefore = { ...GIVEN, markdown: '# Two sentences\n\nThe text before.\n', sentences: ['The text before.'] };
  const before = [{ kind: 'present' as const, version: 5, given: textBefore }];
  const wanted = { kind: 'present' as const, version: null, given: GIVEN };

  it('may have been accepted, or not', () => {
    const outcomes = outcomesAfter(before, [wanted], { kind: 'unknown' });
    const expected = [{ namespace: 'docs', id: 'a', outcomes }];
    expect(findDifferences(expected, aTruth(A))).toEqual([]);
    const untouched = aTruth(OLD_A);
    const start = textBefore.markdown.indexOf('The text before.');
    const place = {
      headings: ['Two sentences'],
      text: 'The text before.',
      start,
      end: start + 'The text before.'.length,
    };
    for (const passages of Object.values(untouched.indexes)) for (const one of passages) Object.assign(one, place);
    expect(findDifferences(expected, untouched)).toEqual([]);
  });

  it('leaves no doubt once a later one was answered', () => {
    const doubtful = outcomesAfter(before, [wanted], { kind: 'unknown' });
    expect(outcomesAfter(doubtful, [{ kind: 'absent' }], { kind: 'answered', version: null })).toEqual([
      { kind: 'absent' },
    ]);
    expect(outcomesAfter(doubtful, [wanted], { kind: 'answered', version: 7 })).toEqual([{ ...wanted, version: 7 }]);
  });

  it('changes nothing when nobody took it', () => {
    expect(outcomesAfter(before, [wanted], { kind: 'refused' })).toEqual(before);
  });

  it('must not lose the text before it nor mix the two', () => {
    const outcomes = outcomesAfter(before, [{ kind: 'absent' }], { kind: 'unknown' });
    expect(found([{ namespace: 'docs', id: 'a', outcomes }], aTruth(A))).toEqual(['lost in documents']);
    expect(findDifferences([{ namespace: 'docs', id: 'a', outcomes }], aTruth())).toEqual([]);
  });

  it('that changes what is said of a document may have changed any of the texts it may have', () => {
    const doubtful = outcomesAfter(before, [wanted], { kind: 'unknown' });
    const renamed = doubtful.map((one) =>
      one.kind === 'absent' ? one : { ...one, given: { ...one.given, title: 'New' } },
    );
    expect(outcomesAfter(doubtful, renamed, { kind: 'unknown' })).toHaveLength(4);
    expect(outcomesAfter(doubtful, renamed, { kind: 'answered', version: 9 })).toMatchObject([
      { version: 9, given: { title: 'New', sentences: ['The text before.'] } },
      { version: 9, given: { title: 'New', sentences: SENTENCES } },
    ]);
  });

  it('and a later one that found nothing settle that there is nothing, unless it must be there', () => {
    const absentOrNot = outcomesAfter([{ kind: 'absent' }], [wanted], { kind: 'unknown' });
    expect(outcomesAfter(absentOrNot, absentOrNot, { kind: 'answered', version: null })).toEqual([{ kind: 'absent' }]);
    expect(outcomesAfter(before, before, { kind: 'answered', version: null })).toEqual(before);
  });
});
