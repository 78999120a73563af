const PREFIX = 'f32:';

/** A vector as ASCII: base64 of its little-endian floats, a quarter of its JSON. */
export function encodeEmbedding(vector: Float32Array): string {
  // Exact views only: a vector may be a window on a larger buffer.
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return PREFIX + btoa(binary);
}

/** `null` for anything that is not a vector of that many finite numbers: to the caller, a miss. */
export function decodeEmbedding(value: string, dimensions: number): Float32Array | null {
  if (!value.startsWith(PREFIX)) return null;
  const bytes = bytesOf(value.slice(PREFIX.length));
  if (bytes === null || bytes.length !== dimensions * Float32Array.BYTES_PER_ELEMENT) return null;
  const vector = new Float32Array(bytes.buffer);
  return vector.every(Number.isFinite) ? vector : null;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
