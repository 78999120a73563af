import { describe, expect, it } from 'vitest';
import { aPassage } from '../../test/read-path-builders.ts';
import { embeddingModelNamed } from '../models/embedding-models.ts';
import { judgeRelevance, relevanceFeatures } from './relevance.ts';
import { relevanceCalibration } from './relevance-floors.ts';

const local = embeddingModelNamed('local/all-MiniLM-L6-v2');
const calibration = local === null ? null : relevanceCalibration(local);
if (calibration === null) throw new Error('the local model is not calibrated');
const measured = calibration;

const guide = (similarity: number | null) => [
  aPassage(
    1,
    'The body limit middleware limits the size of a request body. The default is 100 kb. It is configured once.',
    {
      title: 'Body Limit',
      similarity,
    },
  ),
  aPassage(2, 'Deploy the worker with wrangler. Then look at the logs of Cloudflare.', {
    similarity: similarity && 0.1,
  }),
];

describe('the relevance of passages', () => {
  it('is read off the cosine of the first, the words and the names that are in none', () => {
    expect(relevanceFeatures('How does Hono paginate a request body in Prisma?', guide(0.6))).toEqual({
      cosine: 0.6,
      // Hono, paginate, Prisma: of five words and the small ones
      missingWords: 3 / 5,
      missingNames: 1,
    });
    expect(relevanceFeatures('What limits a request body?', guide(0.6))).toEqual({
      cosine: 0.6,
      missingWords: 0,
      missingNames: 0,
    });
    expect(relevanceFeatures('Can wrangler and Prisma be used with Cloudflare?', guide(0.6)).missingNames).toBe(0.5);
  });

  it('is that of the nearest where the first was found by its words alone', () => {
    const [first, second] = guide(0.6);
    if (first === undefined || second === undefined) throw new Error('two passages');
    const passages = [{ ...second, similarity: null }, { ...second, similarity: 0.2 }, first];
    expect(relevanceFeatures('What limits a request body?', passages).cosine).toBe(0.6);
    expect(relevanceFeatures('What limits a request body?', guide(null)).cosine).toBeNull();
  });

  it.each([
    ['SAML', true],
    ['Fly.io', true],
    ['webAuthn', true],
    ['PM2', true],
    ['Prisma', true],
    ['413', false],
    ['i.e.', false],
    ['Cloudflare', false],
    ['bodyLimit', false],
  ])('misses names that no passage has: %s', (name, isMissed) => {
    const question = `Can the limit be raised with ${name}?`;
    expect(relevanceFeatures(question, guide(0.5)).missingNames).toBe(Number(isMissed));
  });

  it('is not spoilt by a greeting, a story or a signature', () => {
    const question = 'How do I limit the size of a request body?';
    const asides = [
      `Hi, I am a newbie and my boss wants to know: ${question}`,
      `Hello! Our company is moving a legacy intranet, and colleagues could not help. ${question} Thanks in advance!`,
      `Hi, I'm Peter from Acme Corporation in Berlin. ${question}`,
      question.toUpperCase(),
    ];
    for (const asked of asides) expect(judgeRelevance(asked, guide(0.5), measured)).toBe('relevant');
  });

  it('takes everyday words for nothing, nor a slip of the pen', () => {
    for (const question of [
      'Where can I change the requester at all?',
      'Which colour does the browser show to the customer?',
      'How is the middlewrae cofigured?',
    ]) {
      expect(relevanceFeatures(question, guide(0.5)).missingWords).toBe(0);
    }
  });

  it('knows everyday words of English alone', () => {
    const passages = [aPassage(1, 'Die Grenze ist ein Megabyte, und sie wird für die Anfrage gesetzt.')];
    const features = relevanceFeatures('Wie kann ich die Schranke für eine Anfrage hochsetzen?', passages);
    expect(features.missingWords).toBe(0);
  });

  it.each([
    'Hogyan állíthatom be a kérések méretének határát?',
    'Jak ustawić limit rozmiaru żądania i jak to przetestować?',
    'Hur höjer jag gränsen för en förfrågan?',
    'Πώς αυξάνω το όριο;',
    'เพิ่มขีดจำกัดได้อย่างไร',
  ])('counts no words as missing that nobody knows to be telling ones: %s', (question) => {
    expect(relevanceFeatures(question, guide(0.5)).missingWords).toBe(0);
  });

  it('counts the words of keywords, whose language nothing tells', () => {
    expect(relevanceFeatures('jwt cookie refresh', guide(0.5)).missingWords).toBeGreaterThan(0);
    expect(relevanceFeatures('“paginate” a café', guide(0.5)).missingWords).toBeGreaterThan(0);
  });

  it('looks at no more words than anybody asks in, and judges by these', () => {
    const names = Array.from({ length: 4_000 }, (_, n) => `xyz${n}q`).join(' ');
    expect(relevanceFeatures(`${names}?`, guide(0.5))).toMatchObject({ missingNames: 1, missingWords: 1 });
    const letters = (n: number) => [...String(n)].map((digit) => 'bcdfghjkmn'[Number(digit)]).join('');
    const words = Array.from({ length: 4_000 }, (_, n) => `x${letters(n)}q`).join(' ');
    expect(relevanceFeatures(`what is ${words}?`, guide(0.5))).toMatchObject({ missingNames: 0, missingWords: 1 });
    expect(judgeRelevance(`What is ${names} ${words}?`, guide(0.5), measured)).toBe('irrelevant');
  });

  it('is enough for what is asked about, and too little for what is not', () => {
    expect(judgeRelevance('How do I limit the size of a request body?', guide(0.6), measured)).toBe('relevant');
    expect(judgeRelevance('How do I boil an egg softly?', guide(0.12), measured)).toBe('irrelevant');
    expect(judgeRelevance('How do I query Mongoose through GraphQL?', guide(0.35), measured)).toBe('irrelevant');
  });

  it('is not judged without a cosine, nor across languages', () => {
    expect(judgeRelevance('How do I boil an egg softly?', guide(null), measured)).toBe('unjudged');
    expect(judgeRelevance('Wie koche ich ein Ei, ohne dass es hart ist?', guide(0.12), measured)).toBe('unjudged');
    expect(judgeRelevance('如何煮鸡蛋？', guide(0.12), measured)).toBe('unjudged');
  });

  it('belongs to an embedding model', () => {
    const other = embeddingModelNamed('@cf/baai/bge-m3');
    expect(other && relevanceCalibration(other)).toBeNull();
  });
});
