import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 8;
const SECRET_LENGTH = 40;

/** The local stack's key: made once for each state folder, the same after every restart. */
export function bootstrapKey(stateDir: string): string {
  return readLocalKey(stateDir) ?? createKey(stateDir);
}

/** The key of this folder's stack, or null when it never started. */
export function readLocalKey(stateDir: string): string | null {
  try {
    return readFileSync(keyPath(stateDir), 'utf8').trim();
  } catch {
    return null;
  }
}

function createKey(stateDir: string): string {
  const key = `vgl_sk_local_${randomText(ID_LENGTH)}_${randomText(SECRET_LENGTH)}`;
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(keyPath(stateDir), `${key}\n`, { mode: 0o600 });
  return key;
}

function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

function keyPath(stateDir: string): string {
  return join(stateDir, 'bootstrap-key');
}
