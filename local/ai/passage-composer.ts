import { partition } from '../../src/partition.ts';
import { type Candidate, type Candidates, candidatesOf } from './prompt-candidates.ts';
import type { PromptMessage } from './read-prompt.ts';

/** Cosines of the texts to read with the question; what is not in it counts as 0. */
export type Nearness = ReadonlyMap<string, number>;

/** What has to be compared before an answer. */
export interface Reading {
  question: string;
  texts: string[];
}

const MAX_SENTENCES = 4;
/** What it counts that a document has all of the question's words, and what that a sentence has. */
const COVERAGE_SHARE = 0.15;
const OVERLAP_SHARE = 0.2;
/** Retrieval has put the passages in order, and a model reads them in it. */
const PLACE_COST = 0.02;
/** How far below the best document another one may be, and below the best sentence another one. */
const MAX_SHORTFALL = 0.3;
/** Below this, what shares no word with the question is not about it. */
const LEAST_NEARNESS = 0.3;
/** A listing may be the answer, and seldom reads like one. */
const KIND_COST = { prose: 0, listing: 0.05, heading: 1 };
/** To read a text takes milliseconds. */
const READ_OF_EACH_PASSAGE = 3;
const NOTHING_FOUND = 'The documents do not say.';

/** Of each passage what shares most words with the question: whether that is about it, its nearness decides. */
export function readingOf(messages: readonly PromptMessage[]): Reading {
  const { question, candidates } = candidatesOf(messages);
  const ofPassages = Map.groupBy(candidates, ({ place }) => place).values();
  const texts = [...ofPassages].flatMap((ofOne) => {
    const told = ofOne.filter(({ kind }) => kind !== 'heading').sort((a, b) => b.overlap - a.overlap);
    return [...new Set(told.map(({ read }) => read))].slice(0, READ_OF_EACH_PASSAGE);
  });
  return { question, texts: [...new Set(texts)] };
}

/**
 * The local stand-in for a language model: answers with the sentences of the numbered passages in the prompt that are
 * nearest to the question in meaning and share most words with it. The documents that say most of what is asked come first,
 * one sentence of each before a second one, each followed by its passage's number. The same input always gives the same
 * answer.
 */
export function composeAnswer(messages: readonly PromptMessage[], nearness: Nearness): string {
  const { candidates, shareOf } = candidatesOf(messages);
  const nearOf = ({ read }: Candidate) => nearness.get(read) ?? 0;
  const fitting = candidates.filter(
    (candidate) => candidate.overlap > 0 || (candidate.kind !== 'heading' && nearOf(candidate) >= LEAST_NEARNESS),
  );
  const picked = pickBest(fitting, nearOf, rankDocuments(fitting, nearOf, shareOf));
  if (picked.length === 0) return NOTHING_FOUND;
  return picked.map((candidate) => `${written(candidate)} [${candidate.n}]`).join(' ');
}

/** Documents by what they say of the question all together, best first; none that is far from the best. */
function rankDocuments(
  candidates: Candidate[],
  nearOf: (candidate: Candidate) => number,
  shareOf: Candidates['shareOf'],
): string[] {
  const scored = [...Map.groupBy(candidates, ({ document }) => document)]
    .map(([document, own]) => {
      const coverage = shareOf(new Set(own.flatMap(({ shared }) => [...shared])));
      const nearest = Math.max(...own.map((candidate) => nearOf(candidate) - KIND_COST[candidate.kind]));
      const place = Math.min(...own.map((candidate) => candidate.place));
      return { document, score: nearest + COVERAGE_SHARE * coverage - PLACE_COST * place };
    })
    .sort((a, b) => b.score - a.score);
  const best = scored[0]?.score ?? 0;
  return scored.filter(({ score }) => score >= best - MAX_SHORTFALL).map(({ document }) => document);
}

/** The best of each document, then what else is good. */
function pickBest(candidates: Candidate[], nearOf: (candidate: Candidate) => number, documents: string[]): Candidate[] {
  const ranked = candidates
    .filter(({ document }) => documents.includes(document))
    .map((candidate) => {
      const { overlap, place, kind } = candidate;
      return { candidate, score: nearOf(candidate) + OVERLAP_SHARE * overlap - PLACE_COST * place - KIND_COST[kind] };
    })
    // The sort is stable: of equals the one in the earlier passage leads.
    .sort((a, b) => b.score - a.score);
  const [leading, others] = partition(
    ranked,
    ({ candidate }) => ranked.find((other) => other.candidate.document === candidate.document)?.candidate === candidate,
  );
  const placeOf = ({ candidate }: { candidate: Candidate }) => documents.indexOf(candidate.document);
  const least = (ranked[0]?.score ?? 0) - MAX_SHORTFALL;
  const good = [...leading.sort((a, b) => placeOf(a) - placeOf(b)), ...others.filter(({ score }) => score >= least)];
  const byText = new Map(good.toReversed().map(({ candidate }) => [candidate.text, candidate]));
  return good
    .map(({ candidate }) => candidate)
    .filter((candidate) => byText.get(candidate.text) === candidate)
    .slice(0, MAX_SENTENCES);
}

/** As code where it can be: what stands in brackets in a listing is no citation. */
function written({ text, kind }: Candidate): string {
  if (kind !== 'listing') return text;
  return text.includes('`') ? text.replace(/\[\d+\]/g, '') : `\`${text}\``;
}
