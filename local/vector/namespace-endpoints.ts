import { succeed } from '../../src/result.ts';
import { refuse } from './api-failure.ts';
import type { Endpoint } from './endpoint.ts';

export const info: Endpoint = ({ index }) => {
  const { dimension, similarity, embeddingModel } = index.settings;
  const namespaces = index.namespaceNames().map((name) => ({ name, namespace: index.namespace(name) }));
  const counts = namespaces.map(({ name, namespace }) => ({
    name,
    vectorCount: namespace.indexedCount,
    pendingVectorCount: namespace.pendingCount,
  }));
  return succeed({
    vectorCount: sum(counts.map(({ vectorCount }) => vectorCount)),
    pendingVectorCount: sum(counts.map(({ pendingVectorCount }) => pendingVectorCount)),
    indexSize: sum(namespaces.flatMap(({ namespace }) => Array.from(namespace.written(), ({ byteSize }) => byteSize))),
    dimension,
    similarityFunction: similarity,
    indexType: 'DENSE',
    denseIndex: {
      dimension,
      similarityFunction: similarity,
      ...(embeddingModel === null ? {} : { embeddingModel }),
    },
    namespaces: Object.fromEntries(counts.map(({ name, ...namespaceCounts }) => [name, namespaceCounts])),
  });
};

export const listNamespaces: Endpoint = ({ index }) => succeed(index.namespaceNames());

/** That resetting an unknown namespace succeeds is inferred: nothing documents a failure. */
export const reset: Endpoint = ({ index }, { namespace, query }) => {
  const names = query.has('all') ? index.namespaceNames() : [namespace];
  for (const name of names) index.reset(name);
  return succeed('Success');
};

export const deleteNamespace: Endpoint = ({ index }, { namespace }) => {
  // Documented without status or wording.
  if (namespace === '') return refuse(400, 'The default namespace cannot be deleted');
  if (index.deleteNamespace(namespace)) return succeed('Success');
  return refuse(404, `Namespace ${namespace} for the index local does not exist`);
};

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
