import type { CommandEntry } from '../scripts/command-table.ts';

/** Every suite of `vigil bench`. */
export const SUITES: CommandEntry[] = [
  {
    name: 'quality',
    summary: 'how well vector, lexical and hybrid retrieval rank a judged collection (BEIR layout)',
    load: async () => (await import('./quality/quality-suite.ts')).qualitySuite,
  },
  {
    name: 'answers',
    summary: 'whether answers cite the right documents, verbatim, and unanswerable questions are refused',
    load: async () => (await import('./answers/answers-suite.ts')).answersSuite,
  },
  {
    name: 'chaos',
    summary: 'what answers are like while dependencies fail, under load, on a stack of its own',
    load: async () => (await import('./chaos/chaos-suite.ts')).chaosSuite,
  },
  {
    name: 'caches',
    summary: 'what the caches spare under a workload of people, while documents change, and without Redis',
    load: async () => (await import('./caches/caches-suite.ts')).cachesSuite,
  },
  {
    name: 'floor',
    summary: 'the throughput of cached answers, against Workers that only take the same bytes from the cache',
    load: async () => (await import('./floor/floor-suite.ts')).floorSuite,
  },
  {
    name: 'crash',
    summary:
      'whether documents are lost, doubled or left behind while Workers die, stores fail and messages come twice',
    load: async () => (await import('./crash/crash-suite.ts')).crashSuite,
  },
  {
    name: 'deletes',
    summary: 'how long deleted documents are still answered from while no store shows the deletion',
    load: async () => (await import('./deletes/deletes-suite.ts')).deletesSuite,
  },
  {
    name: 'stream',
    summary: 'how soon a streamed answer begins after its passages were found, and what is added between its tokens',
    load: async () => (await import('./stream/stream-suite.ts')).streamSuite,
  },
  {
    name: 'cancel',
    summary:
      'whether any call is begun or goes on, or part of an answer is kept, when whoever asked leaves at any moment',
    load: async () => (await import('./cancel/cancel-suite.ts')).cancelSuite,
  },
  {
    name: 'reingest',
    summary: 'what is embedded when documents change a little, or come again',
    load: async () => (await import('./reingest/reingest-suite.ts')).reingestSuite,
  },
  {
    name: 'ingest',
    summary:
      'what ingestion costs the questions asked meanwhile, how fast it is, and how many embedding calls it makes',
    load: async () => (await import('./ingest/ingest-suite.ts')).ingestSuite,
  },
  {
    name: 'memory',
    summary: 'the heap of the ingestion Worker while it takes in a document of many megabytes',
    load: async () => (await import('./memory/memory-suite.ts')).memorySuite,
  },
  {
    name: 'calibrate',
    summary: 'from which cosine on two questions may share their search results, and how well candidates are found',
    load: async () => (await import('./calibrate/calibrate-suite.ts')).calibrateSuite,
  },
  {
    name: 'breaker',
    summary: 'what a call pays for an open circuit breaker',
    load: async () => (await import('./breaker/breaker-suite.ts')).breakerSuite,
  },
];
