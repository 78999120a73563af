import { describe, expect, it } from 'vitest';
import { composeAnswer, readingOf } from './passage-composer.ts';

function promptOf(question: string, ...passages: string[]) {
  const numbered = passages.map(
    (text, index) => `<passage n="${index + 1}" title="Part ${index + 1}">\n${text}\n</passage>`,
  );
  return [
    {
      role: 'system',
      content: 'Answer from the passages. <passage n="9" title="x">\nAn example of size limits.\n</passage>',
    },
    { role: 'user', content: `${numbered.join('\n')}\n\n<question>${question}</question>` },
  ];
}

function ask(question: string, ...passages: string[]): string {
  return composeAnswer(promptOf(question, ...passages), new Map());
}

describe('the passage composer', () => {
  it('answers with the sentence that fits the question and cites its passage', () => {
    const answer = ask(
      'How do I limit the size of a request body?',
      'Cookies are read with getCookie. They are set with setCookie.',
      'The body limit middleware limits the size of request bodies. It is part of the framework.',
    );
    expect(answer).toBe('The body limit middleware limits the size of request bodies. [2]');
  });

  it('gives several sentences, the best first, and no sentence twice', () => {
    const answer = ask(
      'Which timeout does the breaker use?',
      'The breaker has a timeout of 30 seconds. Tea is served at four.',
      'The breaker has a timeout of 30 seconds. The timeout of the breaker can be changed.',
    );
    expect(answer).toBe('The breaker has a timeout of 30 seconds. [1] The timeout of the breaker can be changed. [2]');
  });

  it('never gives more than four sentences', () => {
    const text = Array.from({ length: 9 }, (_, n) => `Cache number ${n} is warm.`).join(' ');
    expect(ask('Is the cache warm?', text).match(/\[1\]/g)).toHaveLength(4);
  });

  it('prefers the earlier passage when two sentences fit equally', () => {
    expect(ask('retries?', 'Retries are bounded here.', 'Retries are bounded there.')).toMatch(
      /^Retries are bounded here\. \[1\]/,
    );
  });

  it('prefers sentences to code, and both to headings', () => {
    const passage = '## Deploy the worker\n\n```sh\nwrangler deploy\n```\n\nRun it from the project folder.';
    expect(ask('What is the project folder for?', passage)).toBe('Run it from the project folder. [1]');
    expect(ask('How to deploy?', passage)).toBe('`wrangler deploy` [1]');
    expect(ask('How to deploy?', passage, 'To deploy, ask the team.')).toBe(
      'To deploy, ask the team. [2] `wrangler deploy` [1]',
    );
    expect(ask('Which worker?', passage)).toBe('Deploy the worker [1]');
  });

  it('takes no number in code for a citation', () => {
    expect(ask('first value?', '```ts\nconst first = values[1]\n```')).toBe('`const first = values[1]` [1]');
    expect(ask('first value?', '```ts\nconst first = `n` + values[1]\n```')).toBe('const first = `n` + values [1]');
  });

  it('says something of each document before it says more of one', () => {
    const prompt = [
      {
        role: 'user',
        content: [
          '<passage n="1" title="Cache › Hits">\nThe cache is warm. The cache is small. The cache is shared.\n</passage>',
          '<passage n="2" title="Queue › Cache">\nThe queue has no cache at all, unlike its neighbour.\n</passage>',
          '<question>Tell me of the cache</question>',
        ].join('\n'),
      },
    ];
    const answer = composeAnswer(prompt, new Map());
    expect(answer.match(/\[\d\]/g)).toEqual(['[1]', '[2]', '[1]', '[1]']);
  });

  it('finds the parts of a name in code, and ends no sentence within code', () => {
    expect(ask('secure headers?', 'Tea is served. Call `secureHeaders()` first.')).toBe(
      'Call `secureHeaders()` first. [1]',
    );
    expect(ask('tags?', 'Use a query such as `/search?tags=A&tags=B` twice.')).toBe(
      'Use a query such as `/search?tags=A&tags=B` twice. [1]',
    );
  });

  it('says that the documents do not say when nothing overlaps, or there are no passages', () => {
    expect(ask('What is the capital of Mongolia?', 'Queues deliver messages at least once.')).toBe(
      'The documents do not say.',
    );
    expect(ask('What is the capital of Mongolia?')).toBe('The documents do not say.');
  });

  it('drops markup and footnote numbers that would pass for citations', () => {
    const passage = '- **Vectors** are stored in [an index](https://example.com/index)[3]';
    expect(ask('Where are vectors stored?', passage)).toBe('Vectors are stored in an index [1]');
  });

  it('reads passages with other attributes, an arrow in the title, or a number of their own', () => {
    const content =
      '<passage title="From a -> b" n="7" url=\'x\'>\nThe ledger counts every token.\n</passage> <question>What counts tokens?</question>';
    expect(composeAnswer([{ role: 'user', content }], new Map())).toBe('The ledger counts every token. [7]');
  });

  it('takes the last user message as the question when none is marked', () => {
    const prompt = [
      { role: 'user', content: '<passage n="1">\nThe sweep runs each minute. Alerts go by mail.\n</passage>' },
      { role: 'assistant', content: 'Ask me.' },
      { role: 'user', content: 'When does the sweep run?' },
    ];
    const answer = composeAnswer(prompt, new Map());
    expect(answer).toBe('The sweep runs each minute. [1]');
  });

  it('answers with what is near in meaning, whatever its words', () => {
    const prompt = promptOf(
      'How large may an upload be?',
      'An upload is a file.',
      'Bodies above one megabyte are refused.',
    );
    const nearness = new Map([['Part 2\nBodies above one megabyte are refused.', 0.7]]);
    expect(composeAnswer(prompt, nearness)).toMatch(/^Bodies above one megabyte are refused\. \[2\]/);
  });

  it('reads of each passage what shares most with the question, under its title, and lines of code together', () => {
    const prompt = promptOf(
      'How do I limit uploads?',
      'Tea is served. Uploads are limited. Limits are low. To limit uploads is wise. An upload may fail.',
      '## Limits\n\n```ts\nconst limit = 1\nlimitUploads(limit)\n```',
    );
    const { question, texts } = readingOf(prompt);
    expect(question).toBe('How do I limit uploads?');
    expect(texts).toEqual([
      'Part 1\nUploads are limited.',
      'Part 1\nTo limit uploads is wise.',
      expect.stringMatching(/^Part 1\n(?:Limits|An upload)/),
      'Part 2\nconst limit = 1\nlimitUploads(limit)',
    ]);
  });
});
