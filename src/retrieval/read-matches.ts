import { BadAnswerError } from '../resilience/bad-answer.ts';
import { MisconfiguredError } from '../resilience/misconfigured-error.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { decodeChunkMetadata } from './chunk-metadata.ts';
import { matchesFilter } from './filters/matches-filter.ts';
import { describeMismatch, FINGERPRINT_MISMATCH } from './fingerprint.ts';
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
  fingerprint: string;
  dependency: string;
  telemetry: Telemetry;
}

/**
 * What a store's answer comes to: matches that can be read and pass the filter, best first. Throws when it is none:
 * nothing in it can be read, or something was made with another model.
 */
export function readMatches(answer: RawMatch[], asked: Asked): VectorMatches {
  const { query, pageSize } = asked;
  const { topK, filter } = query;
  const readable = readChunks(answer, asked);
  const passing = filter === null ? readable : readable.filter(({ chunk }) => matchesFilter(filter, chunk.metadata));
  return {
    matches: passing.slice(0, topK),
    isComplete: passing.length === readable.length || passing.length >= topK || answer.length < pageSize,
  };
}

/**
 * One damaged record must not cost the others; when nothing can be read the store is as good as down. One of another
 * fingerprint does cost them: it may stand in the place of better ones, and an index where two models meet has to be
 * built anew.
 */
function readChunks(answer: RawMatch[], { query, fingerprint, dependency, telemetry }: Asked): VectorMatch[] {
  const expected = { namespace: query.namespace, fingerprint };
  const readable: VectorMatch[] = [];
  for (const { id, score, metadata } of answer) {
    const record = decodeChunkMetadata(id, metadata, expected);
    if (record.kind === 'chunk') readable.push({ chunk: record.chunk, score });
    if (record.kind === 'foreign') {
      throw new MisconfiguredError(FINGERPRINT_MISMATCH, describeMismatch(record.fingerprint, fingerprint));
    }
  }
  const damaged = answer.length - readable.length;
  if (damaged > 0) telemetry.count('passages.damaged', { dependency }, damaged);
  if (damaged > 0 && readable.length === 0) throw new BadAnswerError('no match carries readable metadata');
  return readable.sort((a, b) => b.score - a.score);
}
