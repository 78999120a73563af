import { createAskGate } from './ask-gate.ts';
import { createFaultyD1 } from './faulty-d1.ts';
import { createFaultyKv } from './faulty-kv.ts';

type Env = Record<string, unknown>;

/** The databases by the names of their bindings; a KV namespace is called after its binding: `STATE_KV`, `kv:state-kv`. */
const DATABASES = new Map([
  ['CATALOG_DB', 'catalog'],
  ['LEXICAL_DB', 'lexical'],
]);

/** The environment, its D1 and KV bindings replaced by such as fail when the local cloud's fault gate says so. */
export function withFaultyBindings(env: Env): Env {
  const cloudUrl = cloudUrlOf(env);
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, faulty(name, value, cloudUrl)]));
}

export function cloudUrlOf({ LOCAL_CLOUD_URL: cloudUrl }: Env): string {
  if (typeof cloudUrl !== 'string') throw new Error('LOCAL_CLOUD_URL is not set: where is the local cloud?');
  return cloudUrl;
}

function faulty(name: string, value: unknown, cloudUrl: string): unknown {
  const database = DATABASES.get(name);
  if (database !== undefined && isD1(value)) return createFaultyD1(value, createAskGate(cloudUrl, 'd1', database));
  if (isKv(value)) return createFaultyKv(value, createAskGate(cloudUrl, 'kv', kebab(name)));
  return value;
}

function isD1(value: unknown): value is D1Database {
  return isObject(value) && 'prepare' in value && 'withSession' in value;
}

// A service binding seems to have every method there is, and `fetch`, which KV has not.
function isKv(value: unknown): value is KVNamespace {
  return isObject(value) && 'getWithMetadata' in value && !('fetch' in value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function kebab(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}
