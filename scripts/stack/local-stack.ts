import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '../../local/start-cloud.ts';
import { CommandFailure } from '../command.ts';
import { PROJECT_ROOT } from '../project.ts';
import { bootstrapKey } from './bootstrap-key.ts';
import { copyConfig } from './copy-config.ts';
import { freePort, isPortTaken } from './free-port.ts';
import { applyMigrations, type Database } from './migrations.ts';
import { createMortalWorkers, type MortalWorkers } from './mortal-workers.ts';
import { claimState, releaseState, type StackRecord, startedProcesses, updateRecord } from './stack-record.ts';
import { triggerSweep } from './sweep.ts';

type CloudPorts = LocalCloudOptions['ports'];

export interface WorkerSet {
  api: string;
  /** The API's entry with breakable bindings; its configuration is `api` all the same. */
  faultyApi: string;
  ingest: string;
  /** Its entry behind a queue that delivers no better than promised. */
  unreliableIngest: string;
  cloud: string;
  databases: Database[];
}

export interface StackOptions {
  stateDir: string;
  /** Of the API; 0 for any free one. */
  port: number;
  variables: Record<string, string>;
  signal: AbortSignal;
  /** Called at each step that may take seconds. */
  report(step: string): void;
  /** Lets the local cloud slow and break D1 and KV as the API Worker sees them. */
  breakableBindings?: boolean;
  /** Lets the queue deliver twice, late and out of order. */
  unreliableQueue?: boolean;
  /**
   * Configuration of a Worker to stand before two of the API, `vigil` and `vigil-second`: isolates of their own on the same
   * storage. Not together with breakable bindings.
   */
  front?: string | undefined;
  workers?: WorkerSet;
  openCloud?: typeof openLocalCloud;
}

export interface Stack {
  url: string;
  key: string;
  /** Resolves with an explanation when the stack ends by itself. */
  failed: Promise<string>;
  /** Kills the Workers, not what is behind them, and starts them again. */
  workers: Pick<MortalWorkers, 'kill' | 'start'>;
  /** The sweep comes no more, so that what is measured is disturbed by nothing that comes by the clock. */
  stopSweeping(): void;
  stop(): Promise<void>;
}

const PRODUCT_WORKERS: WorkerSet = {
  api: join(PROJECT_ROOT, 'local', 'api.wrangler.toml'),
  faultyApi: join(PROJECT_ROOT, 'local', 'faulty-api.worker.ts'),
  ingest: join(PROJECT_ROOT, 'local', 'ingest.wrangler.toml'),
  unreliableIngest: join(PROJECT_ROOT, 'local', 'unreliable-ingest.worker.ts'),
  cloud: join(PROJECT_ROOT, 'local', 'cloud.wrangler.toml'),
  databases: [
    { binding: 'CATALOG_DB', migrationsDir: join(PROJECT_ROOT, 'migrations', 'catalog') },
    { binding: 'LEXICAL_DB', migrationsDir: join(PROJECT_ROOT, 'migrations', 'lexical') },
  ],
};

const ANY_PORTS: CloudPorts = { cloud: 0, redis: 0, vector: 0 };
const SWEEP_EVERY_MS = 10_000;
/** A kill during the start must find every process recorded, however young. */
const RECORD_EVERY_MS_AT_START = 200;

/** Opens the local cloud; its embeddings are kept by content for every state folder of this clone. */
export function openLocalCloud(
  stateDir: string,
  ports: CloudPorts,
  { breakableBindings = false, tokenDelayMs }: Pick<LocalCloudOptions, 'breakableBindings' | 'tokenDelayMs'> = {},
): Promise<LocalCloud> {
  return startLocalCloud({
    stateDir: join(stateDir, 'cloud'),
    embeddingCacheDir: join(PROJECT_ROOT, '.vigil', 'embeddings'),
    ports,
    breakableBindings,
    ...(tokenDelayMs !== undefined && { tokenDelayMs }),
  });
}

/**
 * Starts the local cloud and the Workers on one state folder. Throws CommandFailure when the folder or the port is in use or
 * a part does not start, and leaves nothing running then.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const port = options.port === 0 ? await freePort() : options.port;
  const url = `http://127.0.0.1:${port}`;
  const record = await claim(options.stateDir, url);
  // Newest first: the Workers must not outlive the cloud they call.
  const stops: (() => Promise<void> | void)[] = [() => releaseState(options.stateDir)];
  const stop = async () => {
    for (const undo of stops.splice(0).reverse()) await undo();
  };
  try {
    if (await isPortTaken(port)) {
      throw new CommandFailure(`Port ${port} is already in use. Choose another: --port ${port + 1}`);
    }
    return await startParts(options, { record, port, url, stops, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Beginning {
  record: StackRecord;
  port: number;
  url: string;
  stops: (() => Promise<void> | void)[];
  stop(): Promise<void>;
}

async function startParts(options: StackOptions, beginning: Beginning): Promise<Stack> {
  const { stateDir, signal, report, breakableBindings = false, unreliableQueue = false, front } = options;
  const { workers: set = PRODUCT_WORKERS, openCloud = openLocalCloud } = options;
  if (front !== undefined && breakableBindings) throw new Error('bindings can be broken of one API alone');
  const { record, port, url, stops, stop } = beginning;
  const key = bootstrapKey(stateDir);
  const persistDir = join(stateDir, 'workers');
  const logFile = join(stateDir, 'workers.log');
  const scratchDir = emptyFolder(join(stateDir, 'scratch'));

  const cloud = await openCloud(stateDir, ANY_PORTS, { breakableBindings });
  stops.push(() => cloud.close());
  const current: StackRecord = { ...record, key, cloudUrl: cloud.urls.cloud, ports: portsOf(port, cloud) };
  const keepRecord = () => updateRecord(stateDir, { ...current, processes: startedProcesses() });
  keepRecord();
  const stopRecording = every(RECORD_EVERY_MS_AT_START, keepRecord);
  stops.push(stopRecording);

  await applyMigrations({ databases: set.databases, configFile: set.ingest, persistDir, scratchDir, report });
  signal.throwIfAborted();
  report('Starting the Workers.');
  const variables = { ...cloud.env, BOOTSTRAP_KEY: key, ...options.variables };
  const ingest = unreliableQueue ? copyConfig(set.ingest, scratchDir, { entryFile: set.unreliableIngest }) : set.ingest;
  const apis =
    front === undefined ? [set.api] : [front, set.api, copyConfig(set.api, scratchDir, { name: 'vigil-second' })];
  const workers = createMortalWorkers({
    configFiles: [...apis, ingest, set.cloud],
    entryFile: breakableBindings ? set.faultyApi : null,
    ...{ port, persistDir, scratchDir, logFile, variables, url, signal },
    onChange: keepRecord,
  });
  stops.push(() => workers.stop());
  await workers.start();

  stopRecording();
  const stopSweeping = startSweeping(url, keepRecord);
  stops.push(stopSweeping);
  return { url, key, failed: workers.failed, workers, stopSweeping, stop };
}

function emptyFolder(path: string): string {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  return path;
}

async function claim(stateDir: string, url: string): Promise<StackRecord> {
  const claimed = await claimState(stateDir, url);
  if (claimed.ok) return claimed.value;
  throw new CommandFailure(alreadyRunning(claimed.error));
}

/** What to say to a second start on the same folder. */
export function alreadyRunning(record: StackRecord): string {
  const what =
    record.url === null ? 'The local cloud is already running,' : `Vigil is already running at ${record.url},`;
  return `${what} started at ${record.startedAt} by process ${record.owner.pid}. Stop it first, or give another --state and --port.`;
}

/** Where the stack's parts listen, as the record keeps it. */
export function portsOf(api: number | null, cloud: LocalCloud): NonNullable<StackRecord['ports']> {
  const portOf = (url: string) => Number(new URL(url).port);
  return { api, cloud: portOf(cloud.urls.cloud), redis: portOf(cloud.urls.redis), vector: portOf(cloud.urls.vector) };
}

function startSweeping(url: string, keepRecord: () => void): () => void {
  void triggerSweep(url);
  return every(SWEEP_EVERY_MS, () => {
    keepRecord();
    void triggerSweep(url);
  });
}

function every(intervalMs: number, task: () => void): () => void {
  const timer = setInterval(task, intervalMs);
  return () => clearInterval(timer);
}
