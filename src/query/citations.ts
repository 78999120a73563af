import type { Citation, Passage } from './answer.ts';
import { type Sentence, splitSentences } from './sentences.ts';
import { contentWords } from './words.ts';

export interface CitedText {
  text: string;
  citations: Citation[];
}

// [1], and [1, 2] as some models write it. Not in code, where it is an index.
const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g;
const MARKERS = /([^\S\n]*)\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]/g;

/**
 * Checks the numbers a model cited against the passages it was given: unknown ones leave the text, known ones become
 * citations in order of appearance, each with the passage's sentence that best supports the citing one.
 */
export function citeAnswer(generated: string, passages: Passage[]): CitedText {
  const known = new Map(passages.map((passage) => [passage.n, passage]));
  const text = outsideCode(generated, (prose) =>
    prose.replace(MARKERS, (_marker, space: string, list: string) => {
      const kept = numbersIn(list).filter((n) => known.has(n));
      return kept.length === 0 ? '' : space + kept.map((n) => `[${n}]`).join('');
    }),
  );

  const citations: Citation[] = [];
  for (const { claim, numbers } of claimsOf(text)) {
    for (const n of numbers) {
      const passage = known.get(n);
      if (passage === undefined) continue;
      const citation = cite(passage, bestSentence(claim, passage.text));
      if (!citations.some((other) => other.n === n && other.start === citation.start)) citations.push(citation);
    }
  }
  return { text, citations };
}

/** A citation of one sentence of a passage, at its place in the document. */
export function cite(passage: Passage, sentence: Sentence): Citation {
  const { n, chunkId, documentId, title, url } = passage;
  const start = passage.start + sentence.start;
  return { n, chunkId, documentId, title, url, quote: sentence.text, start, end: start + sentence.text.length };
}

function outsideCode(text: string, change: (prose: string) => string): string {
  let changed = '';
  let at = 0;
  for (const code of text.matchAll(CODE)) {
    changed += change(text.slice(at, code.index)) + code[0];
    at = code.index + code[0].length;
  }
  return changed + change(text.slice(at));
}

/** The sentences that cite, without their markers. One that stands after the full stop belongs to the sentence before. */
function claimsOf(text: string): { claim: string; numbers: number[] }[] {
  const claims: { claim: string; numbers: number[] }[] = [];
  let before = '';
  for (const sentence of splitSentences(text)) {
    const numbers: number[] = [];
    let claim = '';
    let leading = true;
    outsideCode(sentence.text, (prose) => {
      let at = 0;
      for (const marker of prose.matchAll(MARKERS)) {
        claim += prose.slice(at, marker.index);
        at = marker.index + marker[0].length;
        if (claim.trim() !== '') leading = false;
        if (leading) claims.push({ claim: before, numbers: numbersIn(marker[2] ?? '') });
        else numbers.push(...numbersIn(marker[2] ?? ''));
      }
      claim += prose.slice(at);
      return prose;
    });
    if (numbers.length > 0) claims.push({ claim, numbers });
    if (claim.trim() !== '') before = claim;
  }
  return claims;
}

function numbersIn(list: string): number[] {
  return list.split(',').map(Number);
}

/** By Dice's coefficient of their words, so that neither long nor short sentences win by length; else the first. */
function bestSentence(claim: string, text: string): Sentence {
  const wanted = new Set(contentWords(claim));
  let best: { sentence: Sentence; similarity: number } | null = null;
  for (const sentence of splitSentences(text)) {
    const words = new Set(contentWords(sentence.text));
    const shared = [...words].filter((word) => wanted.has(word)).length;
    const similarity = (2 * shared) / (words.size + wanted.size || 1);
    if (best === null || similarity > best.similarity) best = { sentence, similarity };
  }
  return best?.sentence ?? { text, start: 0, end: text.length, isProse: true };
}
