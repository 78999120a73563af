import { BadAnswerError } from '../resilience/bad-answer.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { decodeChunkMetadata } from './chunk-metadata.ts';
import type { VectorMatch } from './vector-store.ts';

export interface RawMatch {
  id: string;
  score: number;
  metadata?: unknown;
}

/**
 * Matches whose metadata can be read, best first. One damaged record must not cost the others; when nothing can be
 * read the store is as good as down.
 */
export function readMatches(
  matches: RawMatch[],
  { namespace, dependency, telemetry }: { namespace: string; dependency: string; telemetry: Telemetry },
): VectorMatch[] {
  const readable = matches.flatMap((match) => {
    const chunk = decodeChunkMetadata(match.id, namespace, match.metadata);
    return chunk === null ? [] : [{ chunk, score: match.score }];
  });
  const damaged = matches.length - readable.length;
  if (damaged > 0) telemetry.count('passages.damaged', { dependency }, damaged);
  if (damaged > 0 && readable.length === 0) throw new BadAnswerError('no match carries readable metadata');
  return readable.sort((a, b) => b.score - a.score);
}
