import type { Clock } from '../clock.ts';
import { cosineOf } from '../models/cosine.ts';
import type { Embedder } from '../models/embedder.ts';
import { type Deadline, deadlineWithin } from '../resilience/deadline.ts';
import type { Passage, Support } from './answer.ts';
import { type Claim, claimsOf } from './claims.ts';
import { type LexicalSupport, lexicalSupport, type ReadPassage, readPassage } from './lexical-support.ts';

export interface AssessedSupport {
  support: Support;
  /** What the embedding model was asked for; 0 when it was not. */
  embedding: { tokens: number; estimated: boolean };
}

export interface SupportServices {
  clock: Clock;
  /** `null`: words alone decide. */
  claims: { embedder: Pick<Embedder, 'embed'>; minCosine: number } | null;
}

// What shares so many of its words with a place in the passages is said there; with so few it is not.
const SUPPORTED_FROM = 0.75;
const UNSUPPORTED_BELOW = 0.35;
const MOST_EMBEDDED = 12;
// The answer is there and only its end waits.
const EMBEDDING_TIMEOUT_MS = 1_000;
const LEAST_TIME_MS = 250;
export const NOT_EMBEDDED = { tokens: 0, estimated: false } as const;

interface JudgedClaim extends LexicalSupport {
  claim: Claim;
  supported: boolean | null;
}

/**
 * An estimate, for each sentence of an answer, of whether the passages it cites say the same. Words and numbers decide
 * where they can; what is still unclear is compared by meaning, in one call of the embedding model, if there is time.
 */
export async function assessSupport(
  services: SupportServices,
  answer: string,
  passages: readonly Passage[],
  deadline: Deadline,
): Promise<AssessedSupport> {
  const claims = claimsOf(answer);
  const cited = new Set(claims.flatMap((claim) => claim.cited));
  const read = new Map(passages.flatMap((each) => (cited.has(each.n) ? [[each.n, readPassage(each)] as const] : [])));
  const judged = claims.map((claim) => judgeByWords(claim, read));
  const unclear = judged.filter(({ supported }) => supported === null).slice(0, MOST_EMBEDDED);
  const cosines = await cosinesOf(services, unclear, deadline);
  const minCosine = services.claims?.minCosine ?? 1;
  const sentences = judged.map((each) => {
    const { claim, score, supported } = each;
    const { start, end } = claim.sentence;
    const cosine = cosines?.values.get(each) ?? null;
    if (supported !== null || cosine === null)
      return { start, end, supported: supported ?? false, score: round(score) };
    return { start, end, supported: cosine >= minCosine, score: round(Math.max(0, cosine)) };
  });
  const method = cosines === null ? ('lexical' as const) : ('lexical+embedding' as const);
  return { support: { estimate: true, method, sentences }, embedding: cosines?.embedding ?? NOT_EMBEDDED };
}

/** Of an answer that is made of the passages' own sentences. */
export function supportOfVerbatim(answer: string): Support {
  const sentences = claimsOf(answer).map(({ sentence: { start, end } }) => ({ start, end, supported: true, score: 1 }));
  return { estimate: true, method: 'lexical', sentences };
}

function judgeByWords(claim: Claim, passages: ReadonlyMap<number, ReadPassage>): JudgedClaim {
  const cited = claim.cited.flatMap((n) => passages.get(n) ?? []);
  const support = lexicalSupport(claim.text, cited);
  const { score, contradicts } = support;
  if (contradicts) return { claim, ...support, score: Math.min(score, UNSUPPORTED_BELOW), supported: false };
  if (score >= SUPPORTED_FROM) return { claim, ...support, supported: true };
  return { claim, ...support, supported: score < UNSUPPORTED_BELOW ? false : null };
}

async function cosinesOf(
  { clock, claims }: SupportServices,
  unclear: JudgedClaim[],
  deadline: Deadline,
): Promise<{ values: Map<JudgedClaim, number>; embedding: AssessedSupport['embedding'] } | null> {
  if (claims === null || unclear.length === 0 || deadline.remainingMs() < LEAST_TIME_MS) return null;
  const texts = unclear.flatMap(({ claim, quote }) => [claim.text, quote]);
  const turn = deadlineWithin(clock, EMBEDDING_TIMEOUT_MS, deadline);
  const embedded = await claims.embedder.embed(texts, turn);
  // An estimate that is a little worse: no reason to complain.
  if (!embedded.ok) return null;
  const { vectors, tokens, estimated } = embedded.value;
  const values = new Map<JudgedClaim, number>();
  for (const [index, judged] of unclear.entries()) {
    const [claim, quote] = [vectors[2 * index], vectors[2 * index + 1]];
    if (claim !== undefined && quote !== undefined) values.set(judged, cosineOf(claim, quote));
  }
  return { values, embedding: { tokens, estimated } };
}

function round(score: number): number {
  return Math.round(score * 100) / 100;
}
