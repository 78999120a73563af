import { BadAnswerError } from '../resilience/bad-answer.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { decodeChunkMetadata } from './chunk-metadata.ts';
import { matchesFilter } from './filters/matches-filter.ts';
import type { StoreQuery, VectorMatch, VectorMatches } from './vector-store.ts';

export interface RawMatch {
  id: string;
  score: number;
  metadata?: unknown;
}

interface Asked {
  query: StoreQuery;
  /** How many the store was asked for, which is more than `topK` when it was not told the whole filter. */
  pageSize: number;
  dependency: string;
  telemetry: Telemetry;
}

/** What a store's answer comes to: matches that can be read and pass the filter, best first. */
export function readMatches(answer: RawMatch[], { query, pageSize, dependency, telemetry }: Asked): VectorMatches {
  const { namespace, topK, filter } = query;
  const readable = readChunks(answer, { namespace, dependency, telemetry });
  const passing = filter === null ? readable : readable.filter(({ chunk }) => matchesFilter(filter, chunk.metadata));
  return {
    matches: passing.slice(0, topK),
    isComplete: passing.length === readable.length || passing.length >= topK || answer.length < pageSize,
  };
}

/** One damaged record must not cost the others; when nothing can be read the store is as good as down. */
function readChunks(
  answer: RawMatch[],
  { namespace, dependency, telemetry }: { namespace: string; dependency: string; telemetry: Telemetry },
): VectorMatch[] {
  const readable = answer.flatMap((match) => {
    const chunk = decodeChunkMetadata(match.id, namespace, match.metadata);
    return chunk === null ? [] : [{ chunk, score: match.score }];
  });
  const damaged = answer.length - readable.length;
  if (damaged > 0) telemetry.count('passages.damaged', { dependency }, damaged);
  if (damaged > 0 && readable.length === 0) throw new BadAnswerError('no match carries readable metadata');
  return readable.sort((a, b) => b.score - a.score);
}
