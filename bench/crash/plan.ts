import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { editSection, makeText } from '../stack/made-documents.ts';
import type { GivenDocument } from './expected-document.ts';

/** What a PATCH says. */
export type DocumentChange = Partial<Pick<GivenDocument, 'title' | 'url' | 'metadata'>>;

export type Step =
  /** One for each id of the plan. */
  | { kind: 'put'; given: GivenDocument[] }
  /** Of each of its documents. */
  | { kind: 'patch'; change: DocumentChange }
  | { kind: 'delete' };

/** What one owner does, in this order, to one document, or to a set of them that is put and deleted together. */
export interface OwnerPlan {
  namespace: string;
  ids: string[];
  /** In the metadata of its documents, and of no other. */
  set: string;
  steps: (Step & { pauseMs: number })[];
}

type Deed = 'put' | 'edit' | 'patch' | 'delete';

/** Lives of documents, and how many of a hundred go that way. An edit leaves all but one section as it was. */
const LIVES: { share: number; life: Deed[] }[] = [
  { share: 28, life: ['put'] },
  { share: 8, life: ['put', 'put'] },
  { share: 14, life: ['put', 'edit'] },
  { share: 6, life: ['put', 'edit', 'edit'] },
  { share: 8, life: ['put', 'patch'] },
  { share: 4, life: ['put', 'patch', 'edit'] },
  { share: 4, life: ['put', 'put', 'put'] },
  { share: 10, life: ['put', 'delete'] },
  { share: 10, life: ['put', 'delete', 'put'] },
  { share: 4, life: ['put', 'edit', 'delete'] },
  { share: 4, life: ['put', 'delete', 'put', 'delete'] },
];
const SENTENCES = { fewest: 3, most: 14 };
/** Now and then a document that takes the Worker longer than others. */
const LONG = { share: 0.03, sentences: 120 };
const SETS = { share: 0.12, documents: 4 };
const TITLED_SHARE = 0.3;
const WITH_URL_SHARE = 0.5;
// From at once, while the first version has not even begun, to when it is ready.
const LONGEST_PAUSE_MS = 6_000;
const HURRIED_SHARE = 0.4;

/** The same for the same seed. The namespaces take turns, under ids that all of them have. */
export function makePlans(seed: number, count: number, namespaces: readonly string[]): OwnerPlan[] {
  const random = createSeededRandom(seed, 'crash plan');
  let mark = seed * 100_000;
  const plans: OwnerPlan[] = [];
  for (let left = count; left > 0; left -= plans.at(-1)?.ids.length ?? 0) {
    const n = plans.length;
    const size = random() < SETS.share ? Math.min(SETS.documents, left) : 1;
    const place = `records/${Math.floor(n / namespaces.length)}`;
    const ids = Array.from({ length: size }, (_, at) => (size === 1 ? `${place}.md` : `${place}/${at}.md`));
    plans.push({
      ...{ namespace: namespaces[n % namespaces.length] ?? '', ids, set: `set-${n}` },
      steps: makeSteps(ids, `set-${n}`, () => mark++, random),
    });
  }
  return plans;
}

function makeSteps(ids: string[], set: string, nextMark: () => number, random: () => number): OwnerPlan['steps'] {
  let current: GivenDocument[] = [];
  const makeStep = (deed: Deed): Step => {
    if (deed === 'delete') return { kind: 'delete' };
    if (deed === 'patch') {
      const change = drawChange(nextMark(), random);
      current = current.map((given) => changed(given, change));
      return { kind: 'patch', change };
    }
    current =
      deed === 'edit'
        ? current.map((given) => ({ ...given, ...editSection(given, nextMark(), random) }))
        : ids.map((id) => drawDocument(id, set, nextMark(), random));
    return { kind: 'put', given: current };
  };
  return drawLife(random).map((deed, at) => ({
    ...makeStep(deed),
    pauseMs: at === 0 || random() < HURRIED_SHARE ? 0 : random() * LONGEST_PAUSE_MS,
  }));
}

/** As a merge patch has it, of what is never removed. */
export function changed(given: GivenDocument, { metadata, ...change }: DocumentChange): GivenDocument {
  return { ...given, ...change, metadata: { ...given.metadata, ...metadata } };
}

function drawDocument(id: string, set: string, mark: number, random: () => number): GivenDocument {
  return {
    ...makeText(mark, drawLength(random), random),
    title: random() < TITLED_SHARE ? `About ${mark}` : null,
    url: random() < WITH_URL_SHARE ? `https://example.org/${id}` : null,
    metadata: { set, year: drawYear(random) },
  };
}

function drawChange(mark: number, random: () => number): DocumentChange {
  const drawn = random();
  if (drawn < 0.6) return { metadata: { year: drawYear(random), edition: mark } };
  return drawn < 0.8 ? { url: `https://example.org/moved/${mark}` } : { title: `Renamed ${mark}` };
}

function drawYear(random: () => number): number {
  return 1990 + Math.floor(random() * 30);
}

function drawLife(random: () => number): Deed[] {
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
