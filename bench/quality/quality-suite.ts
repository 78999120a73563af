import { type ApiClient, type ApiSearch, createApiClient, describeFailure } from '../../scripts/api-client.ts';
import { CommandFailure, UsageError } from '../../scripts/command.ts';
import { CONNECTION_OPTIONS, resolveConnection } from '../../scripts/connection.ts';
import { forEachConcurrently } from '../../scripts/ingest/for-each-concurrently.ts';
import type { Output } from '../../scripts/output.ts';
import type { Estimate } from '../estimate.ts';
import { defineSuite } from '../suite.ts';
import { type BeirDataset, readBeirDataset } from './beir-dataset.ts';
import { judgedDocuments, putDocuments } from './judged-documents.ts';
import { collapseToDocuments, type Grades, ndcg, recall } from './metrics.ts';
import { plainFusion } from './plain-fusion.ts';
import { qualityPromises } from './promises.ts';
import { METHODS, type Method, type MethodSummary, type QueryResult, summarise } from './summaries.ts';

const LABELS: Record<Method, string> = {
  vector: 'vector alone',
  lexical: 'lexical alone',
  plain: 'plain fusion, k = 60',
  hybrid: 'default fusion',
};
const NDCG_DEPTH = 10;
/** What the API returns at most; recall cannot be measured deeper. */
const TOP_K = 100;
const QUERIES_AT_ONCE = 4;

export const qualitySuite = defineSuite({
  name: 'quality',
  summary: 'Measure how well retrieval ranks a judged collection, through the API of a running Vigil.',
  arguments: '--dataset DIR [options]',
  options: {
    dataset: { type: 'string', value: 'DIR', description: 'queries.jsonl and qrels/test.tsv, mostly corpus.jsonl' },
    corpus: { type: 'string', value: 'DIR', description: 'the documents, when the dataset has no corpus.jsonl' },
    ...CONNECTION_OPTIONS,
  },
  examples: [
    'npm run bench -- quality --dataset ../datasets/cranfield --json quality.json',
    'npm run bench -- quality --dataset bench/quality/hono-docs --corpus ../datasets/hono-docs',
  ],
  measure: async ({ options, output }, seed) => {
    if (options.dataset === null) throw new UsageError('--dataset DIR is needed');
    const dataset = readBeirDataset(options.dataset);
    const documents = judgedDocuments(dataset, options.corpus);
    const client = createApiClient(resolveConnection(options));
    const namespace = namespaceFor(dataset.name);
    await putDocuments(client, namespace, documents, output);

    const fused = await runQueries(client, namespace, dataset, 'hybrid', output);
    const results = {
      vector: measure(await runQueries(client, namespace, dataset, 'vector', output)),
      lexical: measure(await runQueries(client, namespace, dataset, 'lexical', output)),
      // Of the very same answers, so that nothing but the order differs.
      plain: measure(
        fused.map((run) => ({ ...run, found: { ...run.found, passages: plainFusion(run.found.passages) } })),
      ),
      hybrid: measure(fused),
    };
    const summary = summarise(results, seed);
    const counts = { documents: documents.length, queries: dataset.queries.length };
    return {
      promises: qualityPromises(dataset.name, summary),
      profile: 'as the running Vigil was configured',
      table: [
        ['retrieval', `nDCG@${NDCG_DEPTH}`, '95 %', `R@${TOP_K} passages`, '95 %'],
        ...METHODS.map((method) => [LABELS[method], ...columnsOf(summary.methods[method])]),
        ['default − plain', ...intervalOf(summary.gain), '', ''],
      ],
      raw: { dataset: dataset.name, ...counts, ...summary, results },
    };
  },
});

interface Run {
  queryId: string;
  grades: Grades;
  found: ApiSearch;
}

async function runQueries(
  client: ApiClient,
  namespace: string,
  dataset: BeirDataset,
  retrieval: 'vector' | 'lexical' | 'hybrid',
  output: Output,
): Promise<Run[]> {
  const progress = output.progress(retrieval.padEnd(10), dataset.queries.length);
  const runs: Run[] = [];
  await forEachConcurrently(dataset.queries, QUERIES_AT_ONCE, async ({ id, text, grades }) => {
    const found = await client.search(namespace, { question: text, topK: TOP_K, retrieval, cache: 'no-store' });
    if (!found.ok) throw new CommandFailure(`Query ${id}: ${describeFailure(found.error)}`);
    runs.push({ queryId: id, grades, found: found.value.value });
    progress.update(runs.length);
  });
  progress.end();
  return runs;
}

function measure(runs: Run[]): QueryResult[] {
  return runs.map(({ queryId, grades, found: { passages, servedBy, degraded } }) => {
    const ranking = collapseToDocuments(passages);
    return {
      queryId,
      ndcg: ndcg(ranking, grades, NDCG_DEPTH),
      recall: recall(ranking, grades, TOP_K),
      ranking: ranking.slice(0, NDCG_DEPTH),
      servedBy: servedBy.retrieval,
      degraded: degraded.length,
    };
  });
}

function columnsOf({ ndcg, recall }: MethodSummary): string[] {
  return [...intervalOf(ndcg), ...intervalOf(recall)];
}

function intervalOf({ value, low, high }: Estimate): string[] {
  return [value.toFixed(4), `${low.toFixed(4)} to ${high.toFixed(4)}`];
}

/** A namespace of the dataset's own, so that it never mixes with documents people asked for. */
function namespaceFor(dataset: string): string {
  return `bench-${dataset.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '-')}`.slice(0, 63);
}
