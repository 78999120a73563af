import type { FaultTarget } from '../../local/faults/fault.ts';
import { parseTarget } from '../../local/faults/target.ts';
import { LEXICAL } from '../../src/retrieval/lexical/lexical-index.ts';
import type { Deployment } from '../stack/deployment.ts';

/** What answers have to say of themselves while certain dependencies fail. */
export interface Expectation {
  /** Steps that answers name while every call fails: each that was not spared them by a cache. */
  required: {
    /** Unless the answer itself was kept. */
    caches: string[];
    generation: string[];
    /** Unless the results of the search were kept. */
    retrieval: string[];
    /** And of these only questions whose vector is in no cache. */
    embedding: string[];
  };
  /** Steps an answer may name in any mode; the required ones are among them. */
  allowed: string[];
  /** What cannot have served while every call fails. */
  cannotServe: { retrieval: string[]; generation: string[] };
  /** Of the answers, how many have to begin with the same passage as on a healthy day. */
  minSameTopShare: number;
}

const SAME_TOP_WITH_BOTH_LEGS = 0.99;
const SAME_TOP_WITH_ONE_LEG = 0.5;

/** Derives from the fault targets what each promise of docs/ask.md means for them. */
export function expectationFor(targets: readonly string[], { stores, generators }: Deployment): Expectation {
  const fails = (dependency: string) => targets.some((target) => includes(target, dependency));
  const failingStores = stores.filter(({ faultTarget }) => fails(faultTarget)).map(({ name }) => name);
  const firstLeft = stores.findIndex(({ name }) => !failingStores.includes(name));
  const askedBefore = firstLeft === -1 ? stores : stores.slice(0, firstLeft);
  const embeddingFails = fails('ai/embed');
  const isDatabaseDown = fails('d1');

  const ofStores = failingStores.map(stepOfStore);
  const ofRedis = fails('redis') ? ['cache:search'] : [];
  const ofKv = fails('kv') ? ['cache:response'] : [];
  const ofEmbedding = embeddingFails ? ['embedding'] : [];
  const ofGeneration = fails('ai/generate') ? generators.map((name) => `generation:${name}`) : [];
  const ofDatabase = isDatabaseDown ? [stepOfStore(LEXICAL), 'liveness'] : [];
  return {
    required: {
      caches: [...ofRedis, ...ofKv],
      generation: ofGeneration,
      retrieval: [...askedBefore.map(({ name }) => stepOfStore(name)), ...ofDatabase],
      embedding: ofEmbedding,
    },
    allowed: [
      ...ofStores,
      ...ofRedis.flatMap((step) => [step, 'cache:embedding']),
      ...ofKv,
      ...ofEmbedding,
      ...ofGeneration,
      ...ofDatabase,
      // What was found before, where neither words nor vectors find anything now.
      ...(isDatabaseDown ? ['search'] : []),
    ],
    cannotServe: {
      retrieval: [...failingStores, ...(isDatabaseDown ? [LEXICAL] : [])],
      generation: fails('ai/generate') ? generators : [],
    },
    minSameTopShare:
      embeddingFails || isDatabaseDown || firstLeft === -1 ? SAME_TOP_WITH_ONE_LEG : SAME_TOP_WITH_BOTH_LEGS,
  };
}

export function stepOfStore(name: string): string {
  return `retrieval:${name}`;
}

/** Whether a fault of the target meets every call to the dependency: `vectorize` includes `vectorize:primary`. */
function includes(target: string, dependency: string): boolean {
  const [wide, narrow] = [parsed(target), parsed(dependency)];
  if (wide.service !== narrow.service) return false;
  if (wide.instance !== null && wide.instance !== narrow.instance) return false;
  return wide.operation === null || wide.operation === narrow.operation;
}

function parsed(text: string): FaultTarget {
  const target = parseTarget(text);
  if (!target.ok) throw new Error(target.error);
  return target.value;
}
