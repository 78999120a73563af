import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { CommandFailure } from '../../scripts/command.ts';
import { workerdPorts } from './workerd-process.ts';

/** A debugger's view of one Worker's isolate. */
export interface Inspector {
  send(method: string, params?: object): Promise<unknown>;
  heap(): Promise<HeapUsage>;
  close(): void;
}

const heapUsage = z.object({
  usedSize: z.number(),
  totalSize: z.number(),
  /** Of typed arrays and the like, which are not in the other two. */
  backingStorageSize: z.number().default(0),
});
export type HeapUsage = z.infer<typeof heapUsage>;

const PROBE_TIMEOUT_MS = 2_000;
const MAX_TRIES = 10;
const RETRY_MS = 200;

const targetList = z.array(z.object({ id: z.string(), webSocketDebuggerUrl: z.string() }));
const reply = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

/** Attaches to the Worker of this name, wherever the stack's workerd lets debuggers in. */
export async function attachInspector(worker: string): Promise<Inspector> {
  for (let tries = 1; ; tries++) {
    const inspector = await attach(worker);
    // workerd closes some connections as soon as they are open, and may leave one without an answer.
    const isKept = await Promise.race([
      inspector.heap().then(
        () => true,
        () => false,
      ),
      sleep(PROBE_TIMEOUT_MS, false),
    ]);
    if (isKept) return inspector;
    inspector.close();
    if (tries === MAX_TRIES) throw new CommandFailure(`the inspector of ${worker} does not answer`);
    await sleep(RETRY_MS);
  }
}

async function attach(worker: string): Promise<Inspector> {
  const found = (await Promise.all(workerdPorts().map(targetsAt))).flat();
  const target = found.find(({ id }) => id === `core:user:${worker}`);
  if (target === undefined) throw new CommandFailure(`there is no ${worker} to inspect`);
  const socket = await open(target.webSocketDebuggerUrl);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let sent = 0;
  socket.addEventListener('message', ({ data }) => {
    const answer = reply.safeParse(JSON.parse(String(data)));
    // Events have no id.
    if (!answer.success) return;
    const { id, result, error } = answer.data;
    if (error === undefined) waiting.get(id)?.resolve(result);
    else waiting.get(id)?.reject(new Error(error.message));
    waiting.delete(id);
  });
  socket.addEventListener('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the inspector has gone'));
    waiting.clear();
  });

  function send(method: string, params: object = {}): Promise<unknown> {
    const id = ++sent;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  }

  return {
    send,
    heap: async () => heapUsage.parse(await send('Runtime.getHeapUsage')),
    close: () => socket.close(),
  };
}

function open(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.addEventListener('open', () => resolve(socket), { once: true });
    socket.addEventListener('error', () => reject(new CommandFailure(`no inspector answers at ${url}`)), {
      once: true,
    });
  });
}

/** wrangler's own port shows the first Worker alone; behind it workerd has one that shows them all. */
async function targetsAt(port: number): Promise<z.infer<typeof targetList>> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/json`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return targetList.parse(await response.json());
  } catch {
    return [];
  }
}
