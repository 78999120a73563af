import type { EmbeddingModel } from '../models/embedder.ts';
import { estimateTokens } from '../models/token-estimate.ts';

// The model puts one token before and one after whatever it is given.
const SPECIAL_TOKENS = 2;

/**
 * What the embedding model reads of a chunk: where it stands, then its text. A passage under "Deno" in a guide called
 * "Testing" is found by both words though it has neither. The path gives way when there is no room for all of it.
 */
export function embeddedText(
  chunk: { title: string | null; headings: string[]; text: string },
  model: EmbeddingModel,
): string {
  const path = [...new Set(chunk.title === null ? chunk.headings : [chunk.title, ...chunk.headings])];
  // A chunk that begins with its heading has said the last part of the path already.
  const last = path.at(-1);
  if (last !== undefined && chunk.text.startsWith('#') && chunk.text.split('\n', 1)[0]?.includes(last)) path.pop();
  let room = model.maxInputTokens - SPECIAL_TOKENS - estimateTokens(chunk.text);
  const fitting = path.filter((part) => {
    const tokens = estimateTokens(part) + 1;
    if (tokens > room) return false;
    room -= tokens;
    return true;
  });
  return fitting.length === 0 ? chunk.text : `${fitting.join(' > ')}\n${chunk.text}`;
}
