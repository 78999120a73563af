import { sha256Hex } from '../sha256.ts';

// Vectorize takes ids of up to 64 bytes; 160 bits do not collide.
const ID_LENGTH = 40;

/** The same chunk of the same version has the same id on every attempt, so that writing it again changes nothing. */
export async function chunkIdOf(namespace: string, documentId: string, version: number, n: number): Promise<string> {
  return sha256Hex([namespace, documentId, version, n].join('\0'), ID_LENGTH);
}
