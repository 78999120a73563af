import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddingModelNamed } from '../models/embedding-models.ts';
import { type Chunk, type ContentType, chunkDocument } from './chunk-document.ts';
import { type ChunkLimits, sizeOf } from './chunk-size.ts';
import { embeddedText } from './embedded-text.ts';
import { bodyStart } from './front-matter.ts';
import { hasWords } from './words.ts';

const limits: ChunkLimits = { targetSize: 30, maxSize: 45, overlapSize: 0 };

function chunksOf(content: string, contentType: ContentType, within = limits): Chunk[] {
  return [...chunkDocument(content, contentType, within)].flatMap(({ chunks }) => chunks);
}

function markdown(content: string, within = limits): Chunk[] {
  return chunksOf(content, 'text/markdown', within);
}

function texts(chunks: Chunk[]): string[] {
  return chunks.map(({ text }) => text);
}

const sentence = (n: number) => `This is sentence number ${n} of the whole.`;
const paragraph = (count: number) => Array.from({ length: count }, (_, n) => sentence(n)).join(' ');

describe('Markdown', () => {
  it('gives each section a chunk with the path of its headings', () => {
    const chunks = markdown(
      '# Guide\n\nIntro.\n\n## Install\n\nRun it.\n\n### Deno\n\nUse deno.\n\n## Usage\n\nCall it.',
    );
    expect(chunks.map(({ headings, text }) => [headings.join(' > '), text])).toEqual([
      ['Guide', '# Guide\n\nIntro.'],
      ['Guide > Install', '## Install\n\nRun it.'],
      ['Guide > Install > Deno', '### Deno\n\nUse deno.'],
      ['Guide > Usage', '## Usage\n\nCall it.'],
    ]);
  });

  it('puts a heading with nothing under it into the chunk of its first subsection', () => {
    const chunks = markdown('# Guide\n\n## Options\n\n### size\n\nHow large.\n\n## End');
    expect(texts(chunks)).toEqual(['# Guide\n\n## Options\n\n### size\n\nHow large.', '## End']);
    expect(chunks[0]?.headings).toEqual(['Guide', 'Options', 'size']);
  });

  it('reads headings without their markup', () => {
    const [chunk] = markdown(
      '## <Badge type="info" /> `fetch()` in *our* [API](https://example.com) {#fetch}\n\nText.',
    );
    expect(chunk?.headings).toEqual(['fetch() in our API']);
  });

  it('keeps a section whole that fits, although it is above the target', () => {
    const content = `# Guide\n\n${paragraph(2)}\n\n${sentence(4)}`;
    expect(sizeOf(content)).toBeGreaterThan(limits.targetSize);
    expect(texts(markdown(content))).toEqual([content]);
  });

  it('divides a long section between its blocks', () => {
    const blocks = [paragraph(2), paragraph(2), paragraph(2)];
    expect(texts(markdown(`# Guide\n\n${blocks.join('\n\n')}`))).toEqual([
      `# Guide\n\n${blocks[0]}`,
      blocks[1],
      blocks[2],
    ]);
  });

  it('keeps code, lists and tables whole where they fit', () => {
    const code = '```ts\nconst first = 1\n\nconst second = 2\n```';
    const list = '- one item\n- another item\n  - below it';
    const table = '| Name | Value |\n| --- | --- |\n| one | 1 |';
    const chunks = texts(markdown([paragraph(3), code, paragraph(3), list, paragraph(3), table].join('\n\n')));
    for (const whole of [code, list, table]) {
      expect(chunks.filter((text) => text.includes(whole))).toHaveLength(1);
    }
  });

  it('keeps lists, tables and sections of very many lines whole where they fit', () => {
    const within = { targetSize: 400, maxSize: 1_000, overlapSize: 0 };
    const lines = (line: string) => Array.from({ length: 90 }, () => line);
    const list = lines('- a').join('\n');
    const table = ['| a | b |', '|---|---|', ...lines('| 1 | 2 |')].join('\n');
    const section = ['# Short', ...lines('Word.')].join('\n\n');
    for (const whole of [list, table, section]) expect(texts(markdown(whole, within))).toEqual([whole]);
    // Beside blocks that do not fit into the same chunk, too.
    const chunks = texts(markdown([paragraph(80), list, paragraph(80), table, paragraph(80)].join('\n\n'), within));
    for (const whole of [list, table]) expect(chunks.filter((text) => text.includes(whole))).toHaveLength(1);
  });

  it('divides a table between rows where the parser sees only its end', () => {
    const row = (n: number) => `| option ${n} | What it does. It does more. |`;
    const rows = Array.from({ length: 90 }, (_, n) => row(n));
    const chunks = texts(markdown(['| Name | Meaning |', '| --- | --- |', ...rows].join('\n')));
    for (const each of rows) expect(chunks.filter((text) => text.includes(each))).toHaveLength(1);
  });

  it('keeps the sentence that introduces a listing with it', () => {
    const code = `\`\`\`\n${'word '.repeat(20).trim()}\n\`\`\``;
    const chunks = texts(markdown(`${sentence(1)}\n\nFor example:\n\n${code}\n\n${paragraph(3)}`));
    expect(chunks).toContain(`For example:\n\n${code}`);
  });

  it('divides code that is too long between lines, and a table between rows', () => {
    const line = (n: number) => `const value${n} = compute(${n})`;
    const code = `\`\`\`ts\n${Array.from({ length: 12 }, (_, n) => line(n)).join('\n')}\n\`\`\``;
    const row = (n: number) => `| option ${n} | what it does |`;
    const table = `| Name | Meaning |\n| --- | --- |\n${Array.from({ length: 12 }, (_, n) => row(n)).join('\n')}`;
    for (const [content, part] of [
      [code, line],
      [table, row],
    ] as const) {
      const chunks = texts(markdown(content));
      expect(chunks.length).toBeGreaterThan(2);
      for (let n = 0; n < 12; n += 1) expect(chunks.filter((text) => text.includes(part(n)))).toHaveLength(1);
    }
  });

  it('divides a long list between its items', () => {
    const item = (n: number) => `- Item number ${n} of the list`;
    const chunks = texts(markdown(Array.from({ length: 12 }, (_, n) => item(n)).join('\n')));
    for (const chunk of chunks)
      expect(chunk).toMatch(/^- Item number \d+ of the list(\n- Item number \d+ of the list)*$/);
  });

  it('skips front matter, but not a text between thematic breaks', () => {
    expect(texts(markdown('---\ntitle: Guide\ntags:\n  - one\n---\n\nThe text.'))).toEqual(['The text.']);
    expect(texts(markdown('---\n# Hours\n- Sunday closed\n\n---\n\nThe text.')).join()).toContain('Sunday closed');
    expect(texts(markdown('---\n\nJust a remark.\n\n---\n\nThe text.')).join()).toContain('remark');
  });

  it('is not misled by a byte order mark', () => {
    const chunks = markdown('\uFEFF# One\n\nText.\n\n# Two\n\nText.');
    expect(texts(chunks)).toEqual(['# One\n\nText.', '# Two\n\nText.']);
  });

  it('carries headings through a section too long to be parsed at once', () => {
    const chunks = markdown(`# Guide\n\n## Long\n\n${Array.from({ length: 60 }, () => paragraph(5)).join('\n\n')}`);
    for (const { headings } of chunks) expect(headings).toEqual(['Guide', 'Long']);
    const code = `# Guide\n\n\`\`\`sh\n${'# a comment\nrun this\n\n'.repeat(600)}\`\`\`\n\nAfter it.`;
    for (const { headings } of markdown(code)) expect(headings).toEqual(['Guide']);
  });

  it.each([
    ['begins on the line of its number', '1. ```sh\n   npm install tool\n   ```\n2. Run it.'],
    ['begins on the line of its bullet', '- ```sh\n  npm install tool\n  ```\n- Run it.'],
    ['is closed with one space less than it was opened', '* Run:\n\n    ```sh\n    npm install tool\n   ```'],
    ['is not closed in its list item', '- ```sh\n  npm install tool\n\nRun it.'],
    ['is a line in three backticks', '```npm install tool```'],
    ['shows an opening fence', '```\n```sh\n```'],
    ['begins after very many lines', `${'- a\n'.repeat(14)}\`\`\`sh\nnpm install tool\n\`\`\``],
  ])('finds all headings, and no comments, below code that %s', (_, code) => {
    const later = '```yaml\n# where it listens\nport: 80\n```';
    const parts = Array.from({ length: 30 }, (_, n) => `## Part ${n}\n\n${later}`);
    const chunks = markdown(['# Tool', code, ...parts].join('\n\n'));
    const found = chunks.flatMap(({ headings, text }) => (text.includes(later) ? [headings.join(' > ')] : []));
    expect(found).toEqual(parts.map((_, n) => `Tool > Part ${n}`));
  });

  it('divides between sentences what follows long code in a list item', () => {
    const code = `- \`\`\`\n${'  run\n\n'.repeat(1_000)}`;
    const text = paragraph(6);
    const after = texts(markdown(`${code}${text}`)).filter((chunk) => chunk.includes('sentence'));
    expect(after.join(' ')).toContain(text);
    for (const chunk of after.slice(0, -1)) expect(chunk).toMatch(/of the whole\.$/);
  });

  it('keeps containers and inline HTML as text', () => {
    const content = '::: tip\nRead <b>this</b> first.\n:::';
    expect(texts(markdown(content))).toEqual([content]);
  });

  it('makes no chunk without words', () => {
    expect(markdown('***\n\n---\n\n```\n```\n\n| |\n|-|\n')).toEqual([]);
  });

  it.each([
    ['list markers', `${'- '.repeat(20_000)}deep`],
    ['quotes', `${'>'.repeat(20_000)}deep`],
    ['nested lists', `${'- '.repeat(5)}deep\n`.repeat(2_000)],
    ['ever deeper lists', Array.from({ length: 2_000 }, (_, n) => `${'  '.repeat(n % 39)}- deep`).join('\n')],
    ['brackets', '['.repeat(50_000)],
    ['white space', `a${' '.repeat(200_000)}b`],
    ['one word', 'x'.repeat(200_000)],
  ])('is quick with a text that is nothing but %s', (_, content) => {
    // This process's own time: a busy machine makes the test slower, not red.
    const startedAt = process.cpuUsage();
    for (const { text } of markdown(content)) expect(sizeOf(text)).toBeLessThanOrEqual(limits.maxSize);
    expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(5_000);
  });
});

describe('plain text', () => {
  it('is divided between paragraphs, then sentences', () => {
    const chunks = chunksOf(`${paragraph(2)}\n\n# no heading\n\n${paragraph(6)}`, 'text/plain');
    expect(chunks.length).toBeGreaterThan(2);
    for (const { headings, text } of chunks) {
      expect(headings).toEqual([]);
      expect(text).toMatch(/[.g]$/);
    }
  });

  it('is divided between sentences in a language without spaces', () => {
    const text = '我们在早上开始工作。然后大家一起讨论计划。'.repeat(6);
    for (const chunk of chunksOf(text, 'text/plain')) expect(chunk.text).toMatch(/。$/);
  });
});

it('repeats the last sentences of the chunk before, where an overlap is wanted', () => {
  const content = `# Guide\n\n${paragraph(12)}\n\n# Other\n\n${sentence(1)}`;
  const chunks = markdown(content, { ...limits, overlapSize: 12 });
  const [first, second] = chunks;
  const shared = first?.text.slice(second?.start);
  expect(shared).toMatch(/^This is sentence number \d+ of the whole\.$/);
  expect(second?.text.startsWith(`${shared} `)).toBe(true);
  expect(chunks.at(-1)?.text).toBe(`# Other\n\n${sentence(1)}`);
});

describe('one endless line, or very many short ones', () => {
  const sentences = 'word and more words about penguins living in Antarctica. '.repeat(30_000);

  it.each([
    ['sentences', 'text/plain', sentences],
    ['sentences', 'text/markdown', sentences],
    ['brackets', 'text/markdown', '['.repeat(300_000)],
    ['emphasis', 'text/markdown', '*_'.repeat(200_000)],
    ['quotes', 'text/markdown', '> '.repeat(100_000)],
    ['brackets in code', 'text/markdown', `\`\`\`\n${'['.repeat(300_000)}`],
    ['list items', 'text/markdown', '- a\n'.repeat(10_000)],
    ['underlined headings', 'text/markdown', 'a\n=\n'.repeat(10_000)],
    ['empty items', 'text/markdown', '-\n'.repeat(10_000)],
    ['reference definitions', 'text/markdown', '[a]: b\n'.repeat(10_000)],
    ['quotes in items', 'text/markdown', '- > a\n'.repeat(10_000)],
  ] as const)('of %s as %s is cut in short steps', (_, contentType, content) => {
    // Whatever else the machine does lengthens a step now and then, but not the same one every time.
    const longestMs = Math.min(...Array.from({ length: 3 }, () => longestStepMs(content, contentType)));
    expect(longestMs).toBeLessThan(100);
  });

  function longestStepMs(content: string, contentType: ContentType): number {
    const steps = chunkDocument(content, contentType, { targetSize: 307, maxSize: 435, overlapSize: 0 });
    let at = 0;
    let longestMs = 0;
    for (;;) {
      const startedAtMs = performance.now();
      const step = steps.next();
      longestMs = Math.max(longestMs, performance.now() - startedAtMs);
      if (step.done) break;
      expect(step.value.end - at).toBeLessThanOrEqual(10_000);
      at = step.value.end;
    }
    expect(at).toBe(content.length);
    return longestMs;
  }

  it('is cut into full chunks that lose no word', () => {
    const chunks = markdown(sentences, { targetSize: 307, maxSize: 435, overlapSize: 0 });
    expect(texts(chunks).join(' ').replaceAll(/\s+/g, ' ')).toBe(sentences.trim());
    expect(chunks.length).toBeLessThan((2 * sizeOf(sentences)) / 307);
  });

  it('keeps fitting words together when there is no sentence', () => {
    const chunks = markdown('word '.repeat(800), { targetSize: 30, maxSize: 45, overlapSize: 0 });
    expect(chunks.length).toBeLessThan(40);
  });
});

describe('any text', () => {
  const words = fc.string({ unit: fc.constantFrom('word ', 'x', 'é', '漢', '🔥', '. ', '\n', '  '), maxLength: 120 });
  const block = fc.oneof(
    words,
    words.map((text) => `# ${text.replaceAll('\n', ' ')}`),
    words.map((text) => `### ${text.replaceAll('\n', ' ')}`),
    words.map((text) => `\`\`\`\n${text}\n\`\`\``),
    words.map((text) => `- ${text.replaceAll('\n', '\n  ')}\n- b\n\n  1. ${text.replaceAll('\n', ' ')}`),
    words.map((text) => `> ${text.replaceAll('\n', '\n> ')}`),
    words.map((text) => `| a | b |\n|---|---|\n| ${text.replaceAll('\n', ' ')} | c |`),
    fc.constantFrom('***', '::: tip', '<div>', '[a]: https://example.com', '```', '---\ntitle: a\n---'),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  const content = fc.array(block, { maxLength: 12 }).map((blocks) => blocks.join('\n\n'));
  const contentType = fc.constantFrom('text/markdown' as const, 'text/plain' as const);

  it('is cut into slices, in order, none too large, none without words, and no word is lost', () => {
    fc.assert(
      fc.property(content, contentType, (text, type) => {
        let at = type === 'text/markdown' ? bodyStart(text) : 0;
        for (const chunk of chunksOf(text, type)) {
          expect(chunk.text).toBe(text.slice(chunk.start, chunk.end));
          expect(hasWords(chunk.text)).toBe(true);
          expect(hasWords(text.slice(at, chunk.start))).toBe(false);
          expect(sizeOf(chunk.text)).toBeLessThanOrEqual(limits.maxSize);
          at = chunk.end;
        }
        expect(hasWords(text.slice(at))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('is cut into slices that repeat no more than the overlap, and only of their own section', () => {
    const overlapping = { ...limits, overlapSize: 12 };
    fc.assert(
      fc.property(content, contentType, (text, type) => {
        const apart = chunksOf(text, type);
        const chunks = chunksOf(text, type, overlapping);
        expect(chunks.map(({ end, headings }) => [end, headings])).toEqual(
          apart.map(({ end, headings }) => [end, headings]),
        );
        for (const [n, chunk] of chunks.entries()) {
          const own = apart[n] ?? chunk;
          expect(chunk.text).toBe(text.slice(chunk.start, chunk.end));
          expect(sizeOf(chunk.text)).toBeLessThanOrEqual(limits.maxSize);
          expect(sizeOf(text.slice(chunk.start, own.start))).toBeLessThanOrEqual(overlapping.overlapSize);
          if (chunk.start < own.start) expect(chunk.headings).toEqual(chunks[n - 1]?.headings);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is cut the same way every time', () => {
    fc.assert(
      fc.property(content, contentType, (text, type) => {
        expect(chunksOf(text, type)).toEqual(chunksOf(text, type));
      }),
    );
  });

  it('keeps what the model is given of every other section when one section is edited', () => {
    const model = embeddingModelNamed('local/all-MiniLM-L6-v2');
    if (model === null) throw new Error('the model is missing');
    const given = (sections: string[], edited: number, within: ChunkLimits) =>
      markdown(sections.join('\n\n'), within)
        .filter(({ headings }) => headings[0] !== `Section ${edited}`)
        .map((chunk) => embeddedText({ title: 'Guide', ...chunk }, model));
    const body = fc
      .array(block, { maxLength: 4 })
      .map((blocks) => blocks.join('\n\n').replaceAll(/^(#|```|---|:::|<)/gm, 'x'));
    fc.assert(
      fc.property(
        fc.array(body, { minLength: 3, maxLength: 8 }),
        fc.nat(),
        body,
        fc.nat(15),
        (bodies, place, edit, overlapSize) => {
          const edited = place % bodies.length;
          const sections = bodies.map((text, n) => `# Section ${n}\n\n${text}`);
          const after = sections.with(edited, `# Section ${edited}\n\n${edit}`);
          const within = { ...limits, overlapSize };
          expect(given(after, edited, within)).toEqual(given(sections, edited, within));
        },
      ),
      { numRuns: 300 },
    );
  });
});
