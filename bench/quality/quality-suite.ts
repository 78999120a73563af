import { createSeededRandom } from '../../local/faults/seeded-random.ts';
import { type ApiClient, createApiClient, describeFailure, type SearchRequest } from '../../scripts/api-client.ts';
import { CommandFailure, UsageError } from '../../scripts/command.ts';
import { CONNECTION_OPTIONS, resolveConnection } from '../../scripts/connection.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import { describeSummary, ingestDocuments } from '../../scripts/ingest/ingest-documents.ts';
import type { Output } from '../../scripts/output.ts';
import { defineSuite } from '../suite.ts';
import { type BeirDataset, readBeirDataset } from './beir-dataset.ts';
import { collapseToDocuments, type Estimate, estimateMean, ndcg, recall } from './metrics.ts';

const RETRIEVALS = ['vector', 'lexical', 'hybrid'] as const;
const NDCG_DEPTH = 10;
/** The API returns at most 50 passages, so recall cannot be measured deeper. */
const TOP_K = 50;
const QUERIES_AT_ONCE = 2;
const INGEST_TIMEOUT_MS = 60 * 60_000;
const MAX_TITLE_CHARACTERS = 300;

interface QueryResult {
  queryId: string;
  ndcg: number;
  recall: number;
  servedBy: string | null;
  degraded: number;
}

export const qualitySuite = defineSuite({
  name: 'quality',
  summary: 'Measure how well retrieval ranks a judged collection, through the API of a running Vigil.',
  arguments: '--dataset DIR [options]',
  options: {
    dataset: { type: 'string', value: 'DIR', description: 'corpus.jsonl, queries.jsonl and qrels/test.tsv' },
    ...CONNECTION_OPTIONS,
  },
  examples: ['npm run bench -- quality --dataset ../datasets/cranfield --json quality.json'],
  measure: async ({ options, output }, seed) => {
    if (options.dataset === null) throw new UsageError('--dataset DIR is needed');
    const dataset = readBeirDataset(options.dataset);
    const client = createApiClient(resolveConnection(options));
    const namespace = namespaceFor(dataset.name);
    await loadCorpus(client, namespace, dataset, output);

    const results: Record<string, QueryResult[]> = {};
    for (const retrieval of RETRIEVALS) {
      results[retrieval] = await runQueries(client, namespace, dataset, retrieval, output);
    }
    const summaries = Object.entries(results).map(([retrieval, measured]) => summarise(retrieval, measured, seed));
    return {
      promises: [],
      profile: 'as the running Vigil was configured',
      table: [
        ['retrieval', `nDCG@${NDCG_DEPTH}`, '95 %', `R@${TOP_K} passages`, '95 %', 'degraded'],
        ...summaries.map(rowOf),
      ],
      raw: {
        dataset: dataset.name,
        documents: dataset.documents.length,
        queries: dataset.queries.length,
        summaries,
        results,
      },
    };
  },
});

async function loadCorpus(client: ApiClient, namespace: string, dataset: BeirDataset, output: Output): Promise<void> {
  // A document of nothing but a title is found by it; one without any word cannot be found and is refused.
  const readable = dataset.documents.filter(({ title, text }) => `${title}${text}`.trim() !== '');
  const summary = await ingestDocuments({
    client,
    namespace,
    documents: readable.map(({ _id, title, text }) => ({
      id: _id,
      read: () => ({
        id: _id,
        contentType: 'text/plain; charset=utf-8',
        body: text.trim() === '' ? title : text,
        ...(title.trim() === '' ? {} : { title: title.trim().slice(0, MAX_TITLE_CHARACTERS) }),
      }),
    })),
    output,
    timeoutMs: INGEST_TIMEOUT_MS,
  });
  output.line(`Corpus in ${namespace}: ${describeSummary(summary)}`);
  if (summary.failed.length > 0) throw new CommandFailure('The corpus is incomplete: nothing was measured.');
}

async function runQueries(
  client: ApiClient,
  namespace: string,
  dataset: BeirDataset,
  retrieval: SearchRequest['retrieval'],
  output: Output,
): Promise<QueryResult[]> {
  const progress = output.progress(retrieval.padEnd(10), dataset.queries.length);
  const results: QueryResult[] = [];
  await forEachConcurrently(dataset.queries, QUERIES_AT_ONCE, async ({ id, text, grades }) => {
    const found = await client.search(namespace, { question: text, topK: TOP_K, retrieval, cache: 'no-store' });
    if (!found.ok) throw new CommandFailure(`Query ${id}: ${describeFailure(found.error)}`);
    const { passages, servedBy, degraded } = found.value.value;
    const ranking = collapseToDocuments(passages);
    results.push({
      queryId: id,
      ndcg: ndcg(ranking, grades, NDCG_DEPTH),
      recall: recall(ranking, grades, TOP_K),
      servedBy: servedBy.retrieval,
      degraded: degraded.length,
    });
    progress.update(results.length);
  });
  progress.end();
  return results;
}

interface Summary {
  retrieval: string;
  ndcg: Estimate;
  recall: Estimate;
  /** Queries that a part of Vigil did not take part in: with any, this is not a measurement of `retrieval`. */
  degraded: number;
}

function summarise(retrieval: string, results: QueryResult[], seed: number): Summary {
  // Queries finish in any order; the interval must not depend on it.
  const ordered = results.toSorted((a, b) => (a.queryId < b.queryId ? -1 : 1));
  const estimate = (measure: 'ndcg' | 'recall') =>
    estimateMean(
      ordered.map((result) => result[measure]),
      createSeededRandom(seed, `${retrieval} ${measure}`),
    );
  const degraded = ordered.filter((result) => result.degraded > 0).length;
  return { retrieval, ndcg: estimate('ndcg'), recall: estimate('recall'), degraded };
}

function rowOf(summary: Summary): string[] {
  const columns = [summary.ndcg, summary.recall].flatMap(({ mean, low, high }) => [
    mean.toFixed(3),
    `${low.toFixed(3)}–${high.toFixed(3)}`,
  ]);
  return [summary.retrieval, ...columns, String(summary.degraded)];
}

/** A namespace of the dataset's own, so that it never mixes with documents people asked for. */
function namespaceFor(dataset: string): string {
  return `bench-${dataset.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '-')}`.slice(0, 63);
}
