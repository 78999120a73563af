import type { Deadline } from '../resilience/deadline.ts';

export type LinesEvent =
  /** A line without its line feed; `null` when it is longer than a line may be. */
  | { kind: 'line'; number: number; bytes: Uint8Array | null }
  /** From this line on nothing was read. */
  | { kind: 'cut'; number: number; by: 'size' | 'deadline' };

const LINE_FEED = 10;

/**
 * The lines of a body, read as it comes: never more than one line and one chunk of it are in memory. Lines count from
 * 1; those of white space alone are left out.
 */
export async function* readLines(
  body: ReadableStream<Uint8Array>,
  { maxLineBytes, maxBytes, deadline }: { maxLineBytes: number; maxBytes: number; deadline: Deadline },
): AsyncGenerator<LinesEvent> {
  const line = createLineBuffer(maxLineBytes);
  let number = 1;
  let totalBytes = 0;
  for await (const chunk of readUntil(body, deadline)) {
    if (chunk === 'late') {
      yield { kind: 'cut', number, by: 'deadline' };
      return;
    }
    totalBytes += chunk.byteLength;
    if (totalBytes > maxBytes) {
      yield { kind: 'cut', number, by: 'size' };
      return;
    }
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      line.add(chunk.subarray(start, end));
      if (!line.isBlank()) yield { kind: 'line', number, bytes: line.take() };
      line.clear();
      start = end + 1;
      number += 1;
    }
    line.add(chunk.subarray(start));
  }
  if (!line.isBlank()) yield { kind: 'line', number, bytes: line.take() };
}

/** Its chunks; `late` when the next one has not come in time. What is not read of it is refused. */
async function* readUntil(body: ReadableStream<Uint8Array>, deadline: Deadline): AsyncGenerator<Uint8Array | 'late'> {
  const reader = body.getReader();
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), deadline.remainingMs());
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), late]);
      if (read === 'late') yield read;
      if (read === 'late' || read.done) return;
      yield read.value;
    }
  } finally {
    clearTimeout(timer);
    // Of a body that has ended, or failed by itself, there is nothing left to refuse.
    await reader.cancel().catch(() => undefined);
  }
}

function createLineBuffer(maxBytes: number) {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let blank = true;
  return {
    add(piece: Uint8Array): void {
      blank &&= piece.every(isWhiteSpace);
      length += piece.byteLength;
      // A line that is too long is counted, but not kept.
      if (length <= maxBytes) pieces.push(piece);
      else pieces = [];
    },
    isBlank: () => blank,
    take(): Uint8Array | null {
      if (length > maxBytes) return null;
      const bytes = new Uint8Array(length);
      let offset = 0;
      for (const piece of pieces) {
        bytes.set(piece, offset);
        offset += piece.byteLength;
      }
      return bytes;
    },
    clear(): void {
      pieces = [];
      length = 0;
      blank = true;
    },
  };
}

// As JSON knows it.
function isWhiteSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === LINE_FEED;
}
