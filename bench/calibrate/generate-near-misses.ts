import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import type { NearMissTemplate } from './near-miss-templates.ts';

export interface NearMiss {
  a: string;
  b: string;
  match: false;
  kind: NearMissTemplate['kind'];
}

const FRAMES = [
  'How do I {}?',
  'How can I {}?',
  'What is the way to {}?',
  'What are the steps to {}?',
  'Is it possible to {}?',
  'Is there a way to {}?',
  'I want to {}. How?',
  'What do I need to do to {}?',
  'How to {}',
  'Can I {}?',
];
/** So often both questions are worded alike, which is the hardest for a cosine. */
const SAME_FRAME = 0.5;
const FRAMED_VARIANTS = 2;

/** Each template with each of its swaps; what somebody wants to do also in the wordings of different people. */
export function generateNearMisses(templates: readonly NearMissTemplate[], seed: number): NearMiss[] {
  return templates.flatMap((template) => template.swaps.flatMap((swap) => nearMissesOf(template, swap, seed)));
}

function nearMissesOf({ kind, text, swaps: _ }: NearMissTemplate, swap: string, seed: number): NearMiss[] {
  const [one = '', other = ''] = swap.split('|').map((gap) => text.replace('{}', gap));
  if (/^\p{Lu}/u.test(one)) return [{ a: one, b: other, match: false, kind }];
  const random = createSeededRandom(seed, `${text} ${swap}`);
  const frame = () => FRAMES[Math.floor(random() * FRAMES.length)] ?? '{}';
  const pairs = Array.from({ length: FRAMED_VARIANTS }, (): NearMiss => {
    const first = frame();
    const second = random() < SAME_FRAME ? first : frame();
    return { a: first.replace('{}', one), b: second.replace('{}', other), match: false, kind };
  });
  return pairs.filter(({ a }, index) => pairs.findIndex((pair) => pair.a === a) === index);
}
