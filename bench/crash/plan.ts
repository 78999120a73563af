import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { type MadeText, makeText } from '../stack/made-documents.ts';

export type Step = { kind: 'put'; text: MadeText } | { kind: 'delete' };

/** What one owner does to one document, in this order. */
export interface DocumentPlan {
  namespace: string;
  id: string;
  steps: (Step & { pauseMs: number })[];
}

type Life = ('put' | 'delete')[];

/** Lives of documents, and how many of a hundred go that way. */
const LIVES: { share: number; life: Life }[] = [
  { share: 40, life: ['put'] },
  { share: 20, life: ['put', 'put'] },
  { share: 8, life: ['put', 'put', 'put'] },
  { share: 12, life: ['put', 'delete'] },
  { share: 12, life: ['put', 'delete', 'put'] },
  { share: 4, life: ['put', 'put', 'delete'] },
  { share: 4, life: ['put', 'delete', 'put', 'delete'] },
];
const SENTENCES = { fewest: 3, most: 14 };
/** Now and then a document that takes the Worker longer than others. */
const LONG = { share: 0.03, sentences: 120 };
// From at once, while the first version has not even begun, to when it is ready.
const LONGEST_PAUSE_MS = 6_000;
const HURRIED_SHARE = 0.4;

/** The same for the same seed. Every second document is in a namespace of its own kind, under ids that both have. */
export function makePlans(seed: number, count: number, namespaces: readonly string[]): DocumentPlan[] {
  const random = createSeededRandom(seed, 'crash plan');
  let mark = seed * 100_000;
  return Array.from({ length: count }, (_, n) => ({
    namespace: namespaces[n % namespaces.length] ?? '',
    id: `records/${Math.floor(n / namespaces.length)}.md`,
    steps: drawLife(random).map((kind, at) => ({
      ...(kind === 'put' ? { kind, text: makeText(mark++, drawLength(random), random) } : { kind }),
      pauseMs: at === 0 || random() < HURRIED_SHARE ? 0 : random() * LONGEST_PAUSE_MS,
    })),
  }));
}

function drawLife(random: () => number): Life {
  let left = random() * LIVES.reduce((sum, { share }) => sum + share, 0);
  const drawn = LIVES.find(({ share }) => {
    left -= share;
    return left < 0;
  });
  return drawn?.life ?? ['put'];
}

function drawLength(random: () => number): number {
  if (random() < LONG.share) return LONG.sentences;
  return SENTENCES.fewest + Math.floor(random() * (SENTENCES.most - SENTENCES.fewest + 1));
}
