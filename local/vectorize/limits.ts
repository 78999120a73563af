// https://developers.cloudflare.com/vectorize/platform/limits/ unless said otherwise.
export const MAX_TOP_K = 100;
export const MAX_TOP_K_WITH_VALUES_OR_METADATA = 50;
export const DEFAULT_TOP_K = 5;
export const MAX_ID_BYTES = 64;
export const MAX_NAMESPACE_BYTES = 64;
export const MAX_METADATA_BYTES = 10_240;
export const MAX_INDEXED_BYTES = 64;
export const MAX_METADATA_INDEXES = 10;
export const MAX_VECTORS_PER_WRITE = 1_000;
// Neither is on the limits page; both are in the service's own error text.
export const MAX_IDS_PER_GET = 20;
export const MAX_IDS_PER_DELETE = 100;
// https://developers.cloudflare.com/vectorize/reference/metadata-filtering/
export const MAX_FILTER_BYTES = 2_048;
export const MAX_KEY_CHARACTERS = 512;

export function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
