import { type NumberedPassage, type PromptMessage, readPrompt } from './read-prompt.ts';
import { type Sentence, sentencesOf } from './sentences.ts';
import { termsOf, termWeights } from './terms.ts';

/** A sentence of a passage in the prompt. */
export interface Candidate extends Sentence, Pick<NumberedPassage, 'n' | 'place'> {
  /** What its passage's title begins with. */
  document: string;
  /** What it is read as: under its title, and a line of code with its neighbours. */
  read: string;
  /** Of the question's terms, those that it or its title has. */
  shared: ReadonlySet<string>;
  /** How much of the question that is, from 0 to 1; less for a long sentence. */
  overlap: number;
}

export interface Candidates {
  question: string;
  candidates: Candidate[];
  /** How much of the question some of its terms are, from 0 to 1: rare ones are more. */
  shareOf(terms: Iterable<string>): number;
}

/** Long sentences hold more words by chance. */
const LENGTH_OFFSET = 8;
const LINES_READ_TOGETHER = 8;
const TRAIL_SEPARATOR = ' › ';

export function candidatesOf(messages: readonly PromptMessage[]): Candidates {
  const { question, passages } = readPrompt(messages);
  const told = passages.flatMap((passage) => {
    const about = new Set(termsOf(passage.title));
    return withWhatIsRead(passage).map((sentence) => ({ ...sentence, about, terms: new Set(termsOf(sentence.text)) }));
  });
  const wanted = new Set(termsOf(question));
  const weightOf = termWeights(told.map(({ terms }) => terms));
  const weigh = (terms: Iterable<string>) => [...terms].reduce((sum, term) => sum + weightOf(term), 0);
  const whole = weigh(wanted) || 1;
  const shareOf = (terms: Iterable<string>) => weigh(terms) / whole;
  const candidates = told.map(({ about, terms, ...sentence }) => {
    const shared = new Set([...wanted].filter((term) => terms.has(term) || about.has(term)));
    const brevity = Math.sqrt(LENGTH_OFFSET / (LENGTH_OFFSET + terms.size));
    return { ...sentence, shared, overlap: shareOf(shared) * brevity };
  });
  return { question, candidates, shareOf };
}

function withWhatIsRead({ n, place, title, text }: NumberedPassage): Omit<Candidate, 'shared' | 'overlap'>[] {
  const document = title.split(TRAIL_SEPARATOR, 1)[0] ?? '';
  return inParts(sentencesOf(text)).flatMap((part) => {
    const read = [title, ...part.map((sentence) => sentence.text)].join('\n');
    return part.map((sentence) => ({ ...sentence, n, place, document, read }));
  });
}

/** A sentence alone, and lines of code that follow one another. */
function inParts(sentences: Sentence[]): Sentence[][] {
  const parts: Sentence[][] = [];
  for (const sentence of sentences) {
    const last = parts.at(-1);
    const goesOn = sentence.kind === 'listing' && last?.[0]?.kind === 'listing' && last.length < LINES_READ_TOGETHER;
    if (goesOn) last.push(sentence);
    else parts.push([sentence]);
  }
  return parts;
}
