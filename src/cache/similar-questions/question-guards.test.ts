import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLabelledPairs } from '../../../bench/calibrate/labelled-pairs.ts';
import { normaliseQuestion } from '../../query/ask.ts';
import { vetoMatch } from './question-guards.ts';
import { readQuestionText } from './question-text.ts';

function veto(a: string, b: string): string | null {
  return vetoMatch(readQuestionText(normaliseQuestion(a)), readQuestionText(normaliseQuestion(b)));
}

const PAIRS = readLabelledPairs(join(import.meta.dirname, '../../../bench/calibrate/pairs.jsonl'));
const QUESTIONS = PAIRS.flatMap(({ a, b }) => [a, b]);

describe('the question guards let pass', () => {
  it.each([
    ['How do I cancel my subscription?', 'What are the steps to cancel a subscription?'],
    ['How do I deploy a Worker?', 'What is the best way of deploying Workers?'],
    ['How is a cookie set?', 'How do I set a cookie?'],
    ['Where are the logs stored?', 'Where is the log kept?'],
    ['What is the maximum size of a request body?', 'What is the maximum request body size?'],
    ['Should I use REST or GraphQL?', 'Should I use GraphQL or REST?'],
    ["Can't I log in with Google?", 'Can I not sign in with Google?'],
    ['How do I set a 30s timeout?', 'How do I set a timeout of 30 seconds?'],
    ['What is the fee for $1,000?', 'What is the fee for 1000 dollars?'],
    ['How do I upgrade to version 3?', 'How do I upgrade to v3?'],
    ['How does the data base replicate?', 'How does the database replicate?'],
    ['How do I delete a file?', 'how can I delete a file ??'],
    ['What does `??` do?', 'What does ?? do?'],
    ['How do I use the ?? operator?', 'How can I use the ?? operator'],
    ['How do I install the C++ compiler?', 'How can I install the C++ compiler!'],
    ['How do I call c.req.param (in C#)?', 'How can I call c.req.param in C#'],
    ["How do I edit the user's 'quoted' fields?", 'How can I edit the user’s “quoted” fields?'],
    ['How do I delete a file - quickly?', 'How can I delete a file … quickly?'],
    ['How do I get 50% off?', 'How can I get 50 % off?'],
    ['Can I pay 20 €?', 'Can I pay €20?'],
    ['Where are the terms & conditions?', 'Where are the terms and conditions?'],
    ['Should I use REST or GraphQL, please?', 'Should I use GraphQL or REST?'],
    ['Comment activer les notifications ?', 'Comment activer les notifications?'],
    ['¿Cómo puedo abrir una cuenta?', 'Cómo puedo abrir una cuenta'],
    ['東京から大阪への行き方は？', '東京から大阪への行き方は。'],
    ['Wie komme ich nach Berlin?', 'wie komme ich nach berlin'],
  ])('%s = %s', (a, b) => {
    expect(veto(a, b)).toBeNull();
  });
});

describe('the question guards veto', () => {
  it.each([
    ['number', 'What changed in v2?', 'What changed in v3?'],
    ['number', 'Can I take two tablets?', 'Can I take three tablets?'],
    ['number', 'Can I enter -5?', 'Can I enter 5?'],
    ['name', 'How do I upload 5 MB?', 'How do I upload 5 GB?'],
    ['name', 'How do I deploy to AWS?', 'How do I deploy to Azure?'],
    ['name', 'What does `c.set()` do?', 'What does `c.get()` do?'],
    ['name', 'What is the "strict" option?', 'What is the "loose" option?'],
    ['name', 'How do I edit src/app.ts?', 'How do I edit src/app.js?'],
    ['name', 'What does `==` do?', 'What does `!=` do?'],
    ['name', 'When is x >= 5 true?', 'When is x <= 5 true?'],
    ['name', 'How do I compute 5 + 3?', 'How do I compute 5 * 3?'],
    ['name', 'What does the wildcard * match?', 'What does the wildcard ? match?'],
    ['name', 'How do I pass --force?', 'How do I pass -force?'],
    ['name', 'How do I edit the .env file?', 'How do I edit the env file?'],
    ['name', 'What does f(x)?.y return?', 'What does f(x)!.y return?'],
    ['order', 'What is 2 * (3 + 4)?', 'What is (2 * 3) + 4?'],
    ['name', 'What does 😀 mean?', 'What does 😢 mean?'],
    ['negation', 'Which plans include support?', 'Which plans do not include support?'],
    ['negation', 'Can I pay with a card?', 'Can I pay without a card?'],
    ['kind', 'When am I charged?', 'Why am I charged?'],
    ['kind', 'Do I have to tip?', 'Can I tip?'],
    ['kind', 'How was drag measured?', 'How will drag be measured?'],
    ['kind', 'Who can approve it?', 'Who approves it?'],
    ['conjunction', 'Do I need a passport and a visa?', 'Do I need a passport or a visa?'],
    ['conjunction', 'How do I combine a and b or c?', 'How do I combine a or b and c?'],
    ['person', 'When will you refund me?', 'When do I refund you?'],
    ['person', 'What is my number?', 'What is your number?'],
    ['number', 'How do I delete one file?', 'How do I delete files?'],
    ['word', 'Can just admins invite users?', 'Can admins invite users?'],
    ['word', 'Why do some tests fail?', 'Why do tests fail?'],
    ['word', 'How do I name a branch?', 'How do I rename a branch?'],
    ['word', 'Who do I report to?', 'Who do I report?'],
    ['word', 'How do I import a table?', 'How do I export a table?'],
    ['word', 'What ran before the job?', 'What ran after the job?'],
    ['word', 'How do I enable alerts?', 'How do I disable alerts?'],
    ['word', 'What theoretical results exist?', 'What experimental results exist?'],
    ['word', 'How do I deploy a Worker?', 'How do I deploy a Worker with secrets?'],
    ['word', 'How is the employer insured?', 'How is the employee insured?'],
    ['role', 'How do I move from npm to pnpm?', 'How do I move from pnpm to npm?'],
    ['role', 'How do I export users of a group?', 'How do I export groups of a user?'],
    ['role', 'How do I subscribe to a user?', 'How do I subscribe a user?'],
    ['role', 'Which employees are on leave?', 'Which employees leave?'],
    ['order', 'Can a company sue a person?', 'Can a person sue an organisation?'],
    ['order', 'Does he pay her?', 'Does she pay him?'],
    ['order', 'Can parents teach a child?', 'Can children teach parents?'],
    ['order', 'Does the server notify the client?', 'Does the client notify the server?'],
    ['voice', 'Is the client notified?', 'Is the client notifying?'],
    ['voice', 'When do I get charged?', 'When do I charge?'],
    ['language', 'Wie aktiviere ich Hinweise?', 'Wie deaktiviere ich Hinweise?'],
    ['language', 'Was passiert bei x > 5?', 'Was passiert bei x < 5?'],
    ['language', '¿Qué hace && aquí?', '¿Qué hace || aquí?'],
    ['language', '東京から大阪への行き方は？', '大阪から東京への行き方は？'],
    ['language', 'Is het gratis?', 'What is free?'],
  ])('%s: %s ≠ %s', (guard, a, b) => {
    expect(veto(a, b)).toBe(guard);
  });

  it('every near miss in the labelled pairs', () => {
    const passed = PAIRS.filter(({ a, b, match }) => !match && veto(a, b) === null);
    expect(passed).toEqual([]);
  });
});

describe('the question guards', () => {
  it('are symmetric', () => {
    void fc.assert(
      fc.property(fc.constantFrom(...QUESTIONS), fc.constantFrom(...QUESTIONS), (a, b) => {
        expect(veto(a, b)).toBe(veto(b, a));
      }),
    );
    for (const { a, b } of PAIRS) expect(veto(a, b)).toBe(veto(b, a));
  });

  it('never veto a question against itself, however it is spaced', () => {
    for (const question of QUESTIONS)
      expect(veto(question, `  ${question.replaceAll(' ', '\n ')}`), question).toBeNull();
  });

  it('read whatever is typed, and veto nothing against itself that says something', () => {
    void fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (typed) => {
        const text = `how do ${typed} work`;
        expect(veto(text, text)).toBeNull();
      }),
    );
  });

  it('read a question of the greatest length at once', () => {
    const long = 'what is what does use the use to '.repeat(120);
    const startedAt = performance.now();
    readQuestionText(long);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
