import {
  byteLength,
  MAX_ID_BYTES,
  MAX_METADATA_BYTES,
  MAX_NAMESPACE_BYTES,
  MAX_TOP_K,
  MAX_TOP_K_WITH_VALUES_OR_METADATA,
  MAX_VECTORS_PER_WRITE,
} from './limits.ts';

/** The service's answer to what it will not do; the binding makes `<OP>_ERROR (code = N): text` of it. */
export interface VectorizeFailure {
  status: number;
  code: number;
  error: string;
}

function refusal(code: number, error: string): VectorizeFailure {
  return { status: 400, code, error };
}

// The codes are on no documentation page. Code and wording are as users report them, unless marked as inferred.

export function wrongQueryDimensions(expected: number, got: number): VectorizeFailure {
  return refusal(40006, `invalid query vector, expected ${expected} dimensions, and got ${got} dimensions`);
}

export function tooManyIds(max: number, got: number): VectorizeFailure {
  return refusal(40007, `too many ids in payload; max id count is ${max}, got ${got}`);
}

export function idTooLong(id: string): VectorizeFailure {
  return refusal(40008, `id too long; max is ${MAX_ID_BYTES} bytes, got ${byteLength(id)} bytes`);
}

/** Wording inferred from the one for ids. */
export function namespaceTooLong(namespace: string): VectorizeFailure {
  const got = byteLength(namespace);
  return refusal(40009, `namespace too long; max is ${MAX_NAMESPACE_BYTES} bytes, got ${got} bytes`);
}

export function wrongVectorDimensions(id: string, expected: number, got: number): VectorizeFailure {
  return refusal(40012, `invalid vector for id="${id}", expected ${expected} dimensions, and got ${got} dimensions`);
}

export function oversizedMetadata(id: string, got: number): VectorizeFailure {
  const rule = `the compact JSON representation of the metadata must not exceed ${MAX_METADATA_BYTES} bytes`;
  return refusal(40016, `oversized metadata for vector id="${id}"; ${rule}, got ${got} bytes`);
}

/** Code and wording inferred; the limit is documented. */
export function tooManyVectors(got: number): VectorizeFailure {
  return refusal(40007, `too many vectors in payload; max vector count is ${MAX_VECTORS_PER_WRITE}, got ${got}`);
}

export function unreadableWrite(operation: 'insert' | 'upsert', detail: string): VectorizeFailure {
  return refusal(40023, `failed to parse ${operation} vectors request: ${detail}`);
}

export function topKTooLarge(topK: number, isFull: boolean): VectorizeFailure {
  if (!isFull) return refusal(40025, `max top K is ${MAX_TOP_K}, but got ${topK}`);
  const limit = `max top K is ${MAX_TOP_K_WITH_VALUES_OR_METADATA}, but got ${topK}`;
  const advice = `for a top K up to ${MAX_TOP_K}, retry with returnValues=false and returnMetadata=indexed`;
  return refusal(40025, `with returnValues=true or returnMetadata=all, ${limit}; ${advice}`);
}

/** For filters and bodies other than a query's the code is inferred. */
export function unreadableBody(detail: string): VectorizeFailure {
  return refusal(40026, `Failed to parse the request body as JSON: ${detail}`);
}

/** Code and wording inferred. */
export function unknownVector(id: string): VectorizeFailure {
  return refusal(40005, `no vector with id="${id}"`);
}

/** Inferred: production takes metadata indexes through another API. */
export function refusedMetadataIndex(error: string): VectorizeFailure {
  return refusal(40030, error);
}

export const TOO_MANY_REQUESTS: VectorizeFailure = { status: 429, code: 40041, error: 'Too Many Requests' };
