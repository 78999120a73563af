import { ulid } from 'ulid';

const RANDOM_CHARACTERS = 16;

/** A ULID, from one draw of random bytes: the library by itself makes a draw for each character. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_CHARACTERS));
  let at = 0;
  return ulid(undefined, () => (bytes[at++] ?? 0) / 256);
}
