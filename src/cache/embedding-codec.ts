const PREFIX = 'f32:';

// Of one call. A character at a time would leave thousands of short-lived strings for every vector.
const BYTES_AT_ONCE = 4_096;

/** A vector as ASCII: base64 of its little-endian floats, a quarter of its JSON. */
export function encodeEmbedding(vector: Float32Array): string {
  // Exact views only: a vector may be a window on a larger buffer.
  const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  let binary = '';
  for (let at = 0; at < bytes.length; at += BYTES_AT_ONCE) {
    // Takes typed arrays as they are, which its type does not know; spreading would ask an iterator for each byte.
    binary += String.fromCharCode.apply(null, bytes.subarray(at, at + BYTES_AT_ONCE) as unknown as number[]);
  }
  return PREFIX + btoa(binary);
}

/** `null` for anything that is not a vector of that many finite numbers: to the caller, a miss. */
export function decodeEmbedding(value: string, dimensions: number): Float32Array | null {
  if (!value.startsWith(PREFIX)) return null;
  const bytes = bytesOf(value.slice(PREFIX.length));
  if (bytes === null || bytes.length !== dimensions * Float32Array.BYTES_PER_ELEMENT) return null;
  const vector = new Float32Array(bytes.buffer);
  for (let at = 0; at < vector.length; at += 1) if (!Number.isFinite(vector[at])) return null;
  return vector;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  let binary: string;
  try {
    binary = atob(base64);
  } catch {
    return null;
  }
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
