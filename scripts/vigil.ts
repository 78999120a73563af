import { type CommandEntry, runCommandTable } from './command-table.ts';

const COMMANDS: CommandEntry[] = [
  {
    name: 'start',
    summary: 'run Vigil on this machine: local cloud, Workers, sample documents, one answered question',
    load: async () => (await import('./commands/start.ts')).startCommand,
  },
  {
    name: 'local',
    summary: 'run the local cloud alone and print the environment a client needs',
    load: async () => (await import('./commands/local.ts')).localCommand,
  },
  {
    name: 'ingest',
    summary: 'put files, folders or globs into a namespace and wait until they are searchable',
    load: async () => (await import('./commands/ingest.ts')).ingestCommand,
  },
  {
    name: 'reconcile',
    summary: 'compare the catalog with every store, repair what differs, and print the report',
    load: async () => (await import('./commands/reconcile.ts')).reconcileCommand,
  },
  {
    name: 'ask',
    summary: 'ask a question and print the answer with its citations',
    load: async () => (await import('./commands/ask.ts')).askCommand,
  },
  {
    name: 'fault',
    summary: 'break a part of the local cloud, or mend it',
    load: async () => (await import('./commands/fault.ts')).faultCommand,
  },
  {
    name: 'latency',
    summary: 'make a part of the local cloud as slow as the real one',
    load: async () => (await import('./commands/latency.ts')).latencyCommand,
  },
  {
    name: 'test',
    summary: 'run the test suites',
    load: async () => (await import('./commands/test.ts')).testCommand,
  },
  {
    name: 'contract',
    summary: 'run the contract suites of every port, on the local cloud or on your own accounts',
    load: async () => (await import('./commands/contract.ts')).contractCommand,
  },
  {
    name: 'check',
    summary: 'format, lint, types and a dry deployment of both Workers',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  {
    name: 'bench',
    summary: 'measure, and compare with what was promised',
    load: async () => (await import('./commands/bench.ts')).benchCommand,
  },
];

process.exitCode = await runCommandTable('vigil', COMMANDS, process.argv.slice(2));
