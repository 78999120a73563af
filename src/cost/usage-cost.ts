import { cost, dearest, embeddingPrice, round } from './price-sums.ts';
import {
  D1_ROW_READ,
  GENERATION_TOKEN,
  type GenerationPrice,
  KV_READ,
  KV_WRITE,
  REDIS_COMMAND,
  RERANK_TOKEN,
  UPSTASH_VECTOR_QUERY,
  VECTORIZE_QUERIED_DIMENSION,
  WORKER_REQUEST,
} from './prices.ts';

/** What one question used of everything that is billed. A call that failed is not counted: no vendor says it bills it. */
export interface QueryUse {
  embedding: { model: string; tokens: number };
  /** Tokens the embedding cache made unnecessary. */
  savedEmbeddingTokens: number;
  /** One query to each of the stores. */
  vectorSearch: { stores: readonly string[]; dimensions: number };
  rowsRead: number;
  redisCommands: number;
  kvReads: number;
  kvWrites: number;
  rerank: { model: string; tokens: number } | null;
  /** Each model that wrote something; `price` where an operator has set one. */
  generations: readonly ModelTokens[];
}

interface ModelTokens {
  model: string;
  promptTokens: number;
  completionTokens: number;
  price: GenerationPrice | null;
}

export interface QueryCost {
  costUsd: number;
  savedUsd: number;
  /** A model without a listed price was charged like the dearest one. */
  estimated: boolean;
}

/** An answer from the cache: the request, and a read of KV at most. What making it again would have cost is saved. */
export function costOfCachedAnswer(originalUsd: number): Pick<QueryCost, 'costUsd' | 'savedUsd'> {
  const costUsd = cost(WORKER_REQUEST, 1) + cost(KV_READ, 1);
  return { costUsd: round(costUsd), savedUsd: round(Math.max(0, originalUsd - costUsd)) };
}

/** A follow-up made a question that stands alone. */
export function costOfRewriting(use: {
  generations: QueryUse['generations'];
  redisCommands: number;
}): Pick<QueryCost, 'costUsd' | 'estimated'> {
  const generations = use.generations.map(costOfGeneration);
  const usd = generations.reduce((sum, generation) => sum + generation.usd, cost(REDIS_COMMAND, use.redisCommands));
  return { costUsd: round(usd), estimated: generations.some(({ estimated }) => estimated) };
}

/** US dollars at list prices: what the next such question adds to the bill once the included amounts are used up. */
export function costOfQuery(use: QueryUse): QueryCost {
  const embedding = embeddingPrice(use.embedding.model);
  const rerank = use.rerank && (RERANK_TOKEN[use.rerank.model] ?? dearest(Object.values(RERANK_TOKEN)));
  const generations = use.generations.map(costOfGeneration);
  const costUsd =
    cost(WORKER_REQUEST, 1) +
    cost(embedding.price, use.embedding.tokens) +
    costOfVectorSearch(use.vectorSearch) +
    cost(D1_ROW_READ, use.rowsRead) +
    cost(REDIS_COMMAND, use.redisCommands) +
    cost(KV_READ, use.kvReads) +
    cost(KV_WRITE, use.kvWrites) +
    (use.rerank && rerank ? cost(rerank, use.rerank.tokens) : 0) +
    generations.reduce((sum, { usd }) => sum + usd, 0);
  return {
    costUsd: round(costUsd),
    savedUsd: round(cost(embedding.price, use.savedEmbeddingTokens)),
    estimated:
      !embedding.isListed ||
      (use.rerank !== null && !(use.rerank.model in RERANK_TOKEN)) ||
      generations.some(({ estimated }) => estimated),
  };
}

// Vectorize bills the dimensions of the query vector; stored ones are billed by the month and not by the question.
function costOfVectorSearch({ stores, dimensions }: QueryUse['vectorSearch']): number {
  const costs = stores.map((store) =>
    store.startsWith('upstash') ? cost(UPSTASH_VECTOR_QUERY, 1) : cost(VECTORIZE_QUERIED_DIMENSION, dimensions),
  );
  return costs.reduce((sum, usd) => sum + usd, 0);
}

function costOfGeneration(use: ModelTokens) {
  const listed = use.price ?? GENERATION_TOKEN[use.model];
  const price = listed ?? dearestGeneration();
  return {
    usd: cost(price.prompt, use.promptTokens) + cost(price.completion, use.completionTokens),
    estimated: listed === undefined,
  };
}

// As an embedding model that is not listed: never free.
function dearestGeneration(): GenerationPrice {
  const prices = Object.values(GENERATION_TOKEN);
  return {
    prompt: dearest(prices.map((price) => price.prompt)),
    completion: dearest(prices.map((price) => price.completion)),
  };
}
