import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metadataBytes } from './description-schema.ts';
import { describedBy } from './read-front-matter.ts';

const NOTHING = { title: null, url: null, metadata: {} };
const withYaml = (yaml: string) => `---\n${yaml}\n---\n\n# Heading\n\nText.`;

describe('front matter', () => {
  it('gives title, address and metadata, dates as ISO text', () => {
    const yaml = [
      'title: "Keep: the lamp"',
      'url: https://example.com/lamp',
      'date: 2026-03-01',
      'edited: 2026-03-01T10:30:00+01:00',
      'draft: false',
      'weight: 12',
      'tags: [lamp, 2026, true]',
      'authors:',
      '  - Ada',
      '  - Bob',
    ].join('\n');
    expect(describedBy(withYaml(yaml), NOTHING)).toEqual({
      title: 'Keep: the lamp',
      url: 'https://example.com/lamp',
      metadata: {
        date: '2026-03-01',
        edited: '2026-03-01T09:30:00.000Z',
        draft: false,
        weight: 12,
        tags: ['lamp', '2026', 'true'],
        authors: ['Ada', 'Bob'],
      },
    });
  });

  it.each([
    ['a date', 'title: 2024-05-01', '2024-05-01'],
    ['a time', 'title: 2024-05-01T10:30:00+01:00', '2024-05-01T10:30:00+01:00'],
    ['a number', 'title: 1.10', '1.10'],
    ['beside keys in another alphabet', 'title: 指南\n标签: [安装]', '指南'],
    ['in a flow mapping', '{ "title": "Guide" }', 'Guide'],
  ])('gives the title as it is written: %s', (_, yaml, title) => {
    expect(describedBy(withYaml(yaml), NOTHING).title).toBe(title);
  });

  it('gives way to what the request says', () => {
    const given = { title: 'Mine', url: 'https://example.com/mine', metadata: { lang: 'de' } };
    const described = describedBy(withYaml('title: Theirs\nurl: https://example.com/\nlang: en\nteam: docs'), given);
    expect(described).toEqual({ ...given, metadata: { lang: 'de', team: 'docs' } });
  });

  it('is read with Windows line ends and after a byte order mark', () => {
    expect(describedBy('\uFEFF---\r\ntitle: A\r\nlang: en\r\n---\r\n\r\nText.', NOTHING)).toEqual({
      title: 'A',
      url: null,
      metadata: { lang: 'en' },
    });
  });

  it('leaves out what metadata cannot hold', () => {
    const yaml = [
      'author: {name: Ada}',
      'last-modified: 2026-01-01',
      'empty:',
      'nan: .nan',
      `long: ${'x'.repeat(1_001)}`,
      'url: /lamp',
      'bell: "\\a"',
      'lang: en',
    ].join('\n');
    expect(describedBy(withYaml(yaml), NOTHING)).toEqual({ title: null, url: null, metadata: { lang: 'en' } });
  });

  it('never makes metadata larger than it may be, whatever was given', () => {
    const yaml = Array.from({ length: 9 }, (_, n) => `k${n}: ${'x'.repeat(400)}`).join('\n');
    const { metadata } = describedBy(withYaml(yaml), { ...NOTHING, metadata: { given: 'y'.repeat(1_000) } });
    expect(Object.keys(metadata)).toEqual(['given', 'k0', 'k1']);
    expect(metadataBytes(metadata)).toBeLessThanOrEqual(2_048);
  });

  it.each([
    ['is not YAML', 'title: [unclosed\nlang: en'],
    ['names a key twice', 'title: A\ntitle: B'],
    ['has aliases', 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]'],
    ['is a list', '- a\n- b'],
    ['is too long', `lang: ${'x '.repeat(5_000)}`],
    ['has very many lines', `a:\n${'- a\n'.repeat(300)}lang: en`],
    ['lists very much', `lang: en\na: [${'a,'.repeat(3_000)}]`],
    ['is nested without end', `a: ${'['.repeat(3_000)}`],
    ['is a list of lists without end', `a:\n${'- '.repeat(4_000)}b`],
    ['has keys of keys without end', `a:\n ${'? '.repeat(4_000)}b`],
    ['opens and closes brackets', `a: ${`${'['.repeat(19)}]`.repeat(300)}`],
    ['is indented without end', Array.from({ length: 120 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')],
    ['is a tag of another language', 'a: !!js/function "function () {}"\n? [complex]\n: key'],
  ])('that %s is not read, and the document is taken all the same', (_, yaml) => {
    const startedAtMs = performance.now();
    const described = describedBy(withYaml(yaml), NOTHING);
    expect(performance.now() - startedAtMs).toBeLessThan(200);
    expect(described.title).toBeNull();
    expect(JSON.stringify(described.metadata).length).toBeLessThan(200);
  });

  it('of a text that only begins with a thematic break is none', () => {
    expect(describedBy('---\n\nNot front matter. At all\n\n---\n', NOTHING)).toEqual(NOTHING);
  });

  it('cannot reach a prototype', () => {
    const { metadata } = describedBy(withYaml('__proto__: {a: 1}\nconstructor: x\nlang: en'), NOTHING);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
    expect(metadata).toEqual({ constructor: 'x', lang: 'en' });
  });

  it('never throws and never takes long, whatever it is', () => {
    const line = fc.stringMatching(/^[a-c]: [[\]{}&*!|>'"#a-c:,0-9 -]{0,20}$/);
    void fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        expect(metadataBytes(describedBy(withYaml(lines.join('\n')), NOTHING).metadata)).toBeLessThanOrEqual(2_048);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});
