import { describe, expect, it } from 'vitest';
import { aPassage } from '../../test/read-path-builders.ts';
import { composeExtractiveAnswer } from './extractive-answer.ts';

const passages = [
  aPassage(1, '# Body limit\n\nThe body limit middleware limits the size of a request body. It runs first.', {
    start: 40,
  }),
  aPassage(2, 'Cookies are read with a helper. Cookies are signed when a secret is given.'),
];

describe('an extractive answer', () => {
  it('is the sentence nearest to the question, verbatim and cited', () => {
    const { text, citations } = composeExtractiveAnswer('How do I limit the size of a request body?', passages);
    expect(text).toBe('The body limit middleware limits the size of a request body. [1]');
    expect(citations).toMatchObject([
      { n: 1, quote: 'The body limit middleware limits the size of a request body.', start: 54, end: 114 },
    ]);
  });

  it('finds the answer in a lower passage', () => {
    const { citations } = composeExtractiveAnswer('When are cookies signed?', passages);
    expect(citations[0]).toMatchObject({ n: 2, quote: 'Cookies are signed when a secret is given.' });
  });

  it('is the beginning of the best passage when no word is shared', () => {
    const { citations } = composeExtractiveAnswer('zzz', passages);
    expect(citations).toMatchObject([{ n: 1, quote: 'The body limit middleware limits the size of a request body.' }]);
  });

  it('says something of each document before it says more of one', () => {
    const both = [
      aPassage(1, 'The limit of a request is low. The limit of a request is fixed.', { documentId: 'guide.md' }),
      aPassage(2, 'A limit of a request can be raised. A limit is no quota.', { documentId: 'reference.md' }),
    ];
    const { citations } = composeExtractiveAnswer('What is the limit of a request?', both);
    expect(citations.map(({ documentId }) => documentId)).toEqual(['guide.md', 'reference.md', 'guide.md']);
  });

  it('begins with the document that says most of what is asked, not with the luckiest sentence', () => {
    const both = [
      aPassage(1, 'To raise the limit of a request is rare.', { documentId: 'glossary.md' }),
      aPassage(2, 'A limit of a request can be raised for each route.', { documentId: 'limits.md' }),
      aPassage(3, 'Raise it where a route takes uploads.', { documentId: 'limits.md' }),
    ];
    const { citations } = composeExtractiveAnswer('Can I raise the limit of a request for uploads?', both);
    expect(citations.map(({ documentId }) => documentId).slice(0, 2)).toEqual(['limits.md', 'glossary.md']);
  });

  it('quotes the best sentence of a document or none of it', () => {
    const found = [
      aPassage(1, 'The upload is sent in parts to the server.', { documentId: 'uploads.md', similarity: 0.7 }),
      aPassage(2, 'The error E4711 of the upload is fixed by a retry. To have the error E4711 fixed, call the desk.', {
        ...{ documentId: 'errors.md', similarity: 0.2 },
      }),
    ];
    const { text } = composeExtractiveAnswer('How is the error E4711 of the upload fixed?', found);
    expect(text.indexOf('by a retry')).toBeGreaterThan(-1);
    expect(text.indexOf('by a retry')).toBeLessThan(`${text}call the desk`.indexOf('call the desk'));
  });

  it('leaves out all of a document that says far less of the question than another one', () => {
    const found = [
      ...Array.from({ length: 4 }, (_, index) =>
        aPassage(index + 1, `The limit of an upload is number ${index}.`, {
          documentId: 'uploads.md',
          similarity: 0.9,
        }),
      ),
      aPassage(9, 'An upload is a file. An upload has a name.', { documentId: 'glossary.md', similarity: 0.05 }),
    ];
    const { citations } = composeExtractiveAnswer('What is the limit of an upload?', found);
    expect(new Set(citations.map(({ documentId }) => documentId))).toEqual(new Set(['uploads.md']));
  });

  it('does not lose the document that words alone have found, though others are near in meaning', () => {
    const found = [
      aPassage(1, 'E4711 means that the disk is full.', { documentId: 'codes.md', similarity: null }),
      aPassage(2, 'The upload of a file is sent in parts.', { documentId: 'a.md', similarity: 0.66 }),
      aPassage(3, 'A file has a name and a size.', { documentId: 'b.md', similarity: 0.6 }),
      aPassage(4, 'A disk is a device for files.', { documentId: 'c.md', similarity: 0.2 }),
    ];
    const question = 'What does it mean when the upload of a file fails with E4711?';
    const { citations } = composeExtractiveAnswer(question, found);
    expect(citations.map(({ documentId }) => documentId)).toContain('codes.md');
  });

  it('knows a sentence by the heading it stands under, and names in code by their parts', () => {
    const text = 'It is off until somebody asks for it.';
    const under = [
      aPassage(1, text, { headings: ['Cookies'] }),
      aPassage(2, `${text} Truly.`, { headings: ['Secure Headers'] }),
    ];
    expect(composeExtractiveAnswer('Are secureHeaders on?', under).citations[0]?.n).toBe(2);
  });

  it('says a repeated sentence once', () => {
    const twice = [aPassage(1, passages[0]?.text ?? ''), aPassage(2, passages[0]?.text ?? '')];
    const { citations } = composeExtractiveAnswer('limit the size of a request body', twice);
    expect(new Set(citations.map(({ quote }) => quote)).size).toBe(citations.length);
  });

  it('does not repeat a document’s own footnotes as citations', () => {
    const footnoted = [aPassage(1, 'The limit of a request is large [4]. The limit of a request body is small.')];
    expect(composeExtractiveAnswer('What is the limit of a request?', footnoted).text).not.toContain('[4]');
  });

  it('prefers passages that are near in meaning, where words say the same', () => {
    const text = 'A limit is set for each request.';
    const far = aPassage(1, `${text} It is low.`, { similarity: 0.2 });
    const near = aPassage(2, `${text} It is high.`, { similarity: 0.8 });
    expect(composeExtractiveAnswer('What is the limit of a request?', [far, near]).citations[0]?.n).toBe(2);
    const unknown = [far, near].map((passage) => ({ ...passage, similarity: null }));
    expect(composeExtractiveAnswer('What is the limit of a request?', unknown).citations[0]?.n).toBe(1);
  });

  it('reads no more than tens of thousands of characters, however many passages there are', () => {
    const text = `The limit is ${'one '.repeat(990)}.`;
    const read = new Set<number>();
    const many = Array.from({ length: 100 }, (_, index) =>
      Object.defineProperty(aPassage(index + 1, text), 'text', {
        get() {
          read.add(index);
          return text;
        },
      }),
    );
    composeExtractiveAnswer('What is the limit?', many);
    expect(read.size).toBeLessThanOrEqual(9);
  });

  it('is the same every time', () => {
    const ask = () => composeExtractiveAnswer('limit cookies size secret', passages);
    expect(ask()).toEqual(ask());
  });

  it('still quotes something from passages of code alone', () => {
    const { citations } = composeExtractiveAnswer('limit', [aPassage(1, '```ts\nbodyLimit()\n```')]);
    expect(citations).toMatchObject([{ n: 1, quote: '```ts\nbodyLimit()\n```' }]);
  });
});
