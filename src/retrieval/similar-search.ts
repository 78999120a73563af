import { decodeEmbedding, encodeEmbedding } from '../cache/embedding-codec.ts';
import type { SearchLookUp } from '../cache/search-cache.ts';
import { matchQuestions, type VectoredQuestion } from '../cache/similar-questions/match-questions.ts';
import { readQuestionText } from '../cache/similar-questions/question-text.ts';
import type { SimilarLookUp, SimilarResults } from '../cache/similar-results.ts';
import type { Deadline } from '../resilience/deadline.ts';
import type { ResultsCache, SearchResults } from './cached-results.ts';
import type { RetrievalRequest } from './retrieved.ts';

/** Of a calibrated embedding model; `null`: nobody knows from which cosine on two questions are the same. */
export type SimilarServices = { results: SimilarResults; threshold: number } | null;

export interface SimilarMatch {
  results: SearchResults;
  cosine: number;
}

/** One question's chance to be spared a search by another one like it, and to spare the next. */
export interface SimilarSearch {
  find(vector: Float32Array): Promise<SimilarMatch | null>;
  /** The question and its vector, to be kept beside its results. */
  described(): Pick<SearchResults, 'question' | 'vector'>;
  /** Its results are kept: the next question like it is to find them. */
  note(): void;
  /** It could not be asked. */
  isUnavailable(): boolean;
  /** How many of Redis it has taken so far. */
  commands(): number;
}

export function createSimilarSearch(
  { similar, results }: { similar: SimilarServices; results: ResultsCache },
  { question, topK, extra, maxPerDocument, filter, mode, namespace }: RetrievalRequest,
  { key, outcome, reading }: SearchLookUp<SearchResults>,
  searchedBy: readonly (string | number | null)[],
  deadline: Deadline,
): SimilarSearch {
  let own: VectoredQuestion | null = null;
  let lookUp: SimilarLookUp | null = null;
  let commands = 0;
  let isUnavailable = false;

  return {
    async find(vector) {
      own = { text: readQuestionText(question), vector };
      // Nor is a cache asked again that could not be read a moment ago.
      if (similar === null || outcome !== 'read') return null;
      const group = { namespace, topK, extra, maxPerDocument, filter, retrieval: mode, searchedBy };
      const found = await similar.results.find(group, vector, similar.threshold, deadline);
      if (found === null) {
        isUnavailable = true;
        return null;
      }
      commands += found.candidates.length === 0 ? 1 : 2;
      lookUp = found.lookUp;
      for (const candidate of found.candidates) {
        const { use, result } = results.judge(candidate, reading);
        const other = result === null ? null : vectored(result, vector.length);
        if (use !== 'fresh' || result === null || other === null) continue;
        const match = matchQuestions(own, other, similar.threshold);
        if (match.isMatch) return { results: result, cosine: match.cosine };
      }
      return null;
    },

    described: () => ({ question, vector: own === null ? null : encodeEmbedding(own.vector) }),

    note() {
      if (similar === null || lookUp === null) return;
      similar.results.note(lookUp, key);
      commands += 1;
    },

    isUnavailable: () => isUnavailable,
    commands: () => commands,
  };
}

function vectored({ question, vector }: SearchResults, dimensions: number): VectoredQuestion | null {
  const values = vector === null ? null : decodeEmbedding(vector, dimensions);
  return values === null ? null : { text: readQuestionText(question), vector: values };
}
