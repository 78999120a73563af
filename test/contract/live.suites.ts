import { Redis } from '@upstash/redis';
import { Index } from '@upstash/vector';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeCacheStore } from '../../src/cache/cache-store.contract.ts';
import { describeEmbedder } from '../../src/models/embedder.contract.ts';
import type { Embedder } from '../../src/models/embedder.ts';
import { embeddingModelNamed } from '../../src/models/embedding-models.ts';
import { describeGenerator } from '../../src/models/generator.contract.ts';
import { fail, succeed } from '../../src/result.ts';
import { describeLexicalIndex } from '../../src/retrieval/lexical/lexical-index.contract.ts';
import type { LexicalIndex } from '../../src/retrieval/lexical/lexical-index.ts';
import { describeVectorStore } from '../../src/retrieval/vector-store.contract.ts';
import type { Transcriber } from '../support/transcribe.ts';
import type { ContractWorker } from './contract-worker.ts';
import { readLiveAccounts, startOnCloudflare, startOnUpstash } from './live-accounts.ts';
import { patiently } from './patiently.ts';
import { cacheStoreOf, embedderOf, vectorStoreOf, vectorStoreOfAnotherModel } from './ports.ts';

const accounts = readLiveAccounts(process.env);
const { runs, scratchName, embeddingModel, generationModel } = accounts;
const dimensions = embeddingModelNamed(embeddingModel)?.dimensions ?? 0;
const visibility = { withinMs: 180_000, everyMs: 2_000 };

// Two Workers, so that Upstash does not depend on a session with Cloudflare.
describe.runIf(runs('redis', 'upstash'))('Upstash', () => {
  let worker: ContractWorker;
  beforeAll(async () => {
    worker = await startOnUpstash(accounts);
  });
  afterAll(() => worker?.close());

  if (runs('redis')) {
    describeCacheStore('redis', {
      open: async () => cacheStoreOf(worker),
      scratchName,
      remove: async (keys) => {
        await new Redis(accounts.redis).del(...keys);
      },
    });
  }

  if (runs('upstash')) {
    describeVectorStore('upstash', {
      open: async () => vectorStoreOf(worker, 'upstash'),
      openWithAnotherModel: async () => vectorStoreOfAnotherModel(worker, 'upstash'),
      dimensions,
      scratchName,
      visibility,
      scoreDigits: 2,
      removeNamespaces: async (namespaces) => {
        const index = new Index(accounts.vector);
        for (const namespace of namespaces) await index.deleteNamespace(namespace);
      },
    });
  }
});

describe.runIf(runs('embedder', 'generator', 'vectorize', 'lexical'))('Cloudflare', () => {
  let worker: ContractWorker;
  beforeAll(async () => {
    worker = await startOnCloudflare(accounts);
  });
  afterAll(() => worker?.close());

  if (runs('embedder')) {
    const open = async (): Promise<Embedder> => {
      const embedder = embedderOf(worker, embeddingModel);
      return {
        model: embedder.model,
        embed: (texts, deadline) => patiently(deadline, () => embedder.embed(texts, deadline)),
      };
    };
    describeEmbedder(embeddingModel, { open, margin: 0.05 });
  }

  if (runs('generator')) {
    const open = async (): Promise<Transcriber> => {
      const generator = worker.port<Transcriber>('generator', {});
      return {
        async transcribe(messages, options, leaving) {
          const transcribe = async () => {
            const transcript = await generator.transcribe(messages, options, leaving);
            return transcript.error === null ? succeed(transcript) : fail(transcript.error);
          };
          const result = await patiently(options.deadline, transcribe);
          return result.ok ? result.value : { error: result.error, texts: [], last: null, cancelled: null };
        },
      };
    };
    // A model that thinks before it answers spends most of them on that.
    describeGenerator(generationModel, { open, maxTokens: 2_000, tellsCut: false });
  }

  if (runs('vectorize')) {
    describeVectorStore('vectorize', {
      open: async () => vectorStoreOf(worker, 'vectorize'),
      openWithAnotherModel: async () => vectorStoreOfAnotherModel(worker, 'vectorize'),
      dimensions,
      scratchName,
      visibility,
      scoreDigits: 1,
    });
  }

  if (runs('lexical')) {
    describeLexicalIndex('on D1', { open: async () => worker.port<LexicalIndex>('lexical', {}), scratchName });
  }
});
