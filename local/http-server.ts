import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { breakStream } from './break-stream.ts';
import type { Admission, Call, FaultGate, ServiceName } from './faults/fault.ts';
import type { LocalRequest, LocalResponse, LocalService } from './http-service.ts';
import { readBody } from './read-body.ts';
import { sendResponse } from './send-response.ts';

/** Requests are routed by the longest prefix of their path, which the service still sees. */
export type Route =
  | { prefix: string; service: LocalService }
  /** Outside of counting, latency and faults. */
  | { prefix: string; handle: (request: LocalRequest) => Promise<LocalResponse> };

export interface ServeOptions {
  /** 0: any free one. */
  port: number;
  routes: Route[];
  gate: FaultGate;
  /** Set when the port belongs to one vendor alone: the listener closes while all of that service is refused. */
  soleService?: ServiceName;
  maxBodyBytes?: number;
}

export interface RunningServer {
  port: number;
  url: string;
  /** Stops listening and ends open sockets. */
  close(): Promise<void>;
}

export class PortInUseError extends Error {
  readonly port: number;

  constructor(port: number) {
    super(`port ${port} is already in use on 127.0.0.1`);
    this.name = 'PortInUseError';
    this.port = port;
  }
}

// Vectorize takes uploads of 100 MB, the most of all vendors here.
const DEFAULT_MAX_BODY_BYTES = 100_000_000;
// workerd and undici drop idle connections after 5 s at most. The side that sends requests has to be the first,
// or a request can meet a connection that is just being closed.
const KEEP_ALIVE_TIMEOUT_MS = 60_000;

/** Serves the routes on 127.0.0.1. Throws `PortInUseError`. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { gate, soleService, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = options;
  const sockets = new Set<Socket>();
  const dropped = new WeakSet<Socket>();

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS }, (incoming, outgoing) => {
    void answer(incoming, outgoing).catch((bug: unknown) => {
      console.error(bug);
      if (outgoing.headersSent) drop(incoming.socket);
      else sendAndHangUp(outgoing, 500, 'the local cloud itself has failed; its output says why');
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });

  function drop(socket: Socket): void {
    dropped.add(socket);
    socket.destroy();
  }

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const clientLeft = new AbortController();
    let call: Call | null = null;
    outgoing.on('close', () => {
      if (call) gate.ended(call);
      if (outgoing.writableFinished) return;
      if (call && !dropped.has(incoming.socket)) gate.cancelled(call);
      clientLeft.abort();
    });
    const path = incoming.url ?? '/';
    const route = routeOf(options.routes, path);
    const body = await readBody(incoming, maxBodyBytes);
    if (body.kind === 'client-left') return;
    if (body.kind === 'too-large') return sendAndHangUp(outgoing, 413, `the body exceeds ${maxBodyBytes} bytes`);
    if (!route) return sendAndHangUp(outgoing, 404, 'no service of the local cloud answers this path');

    const request: LocalRequest = {
      method: incoming.method ?? 'GET',
      path,
      headers: headersOf(incoming),
      body: body.bytes,
      signal: clientLeft.signal,
    };
    if ('handle' in route) return sendResponse(outgoing, await route.handle(request), clientLeft.signal);

    // The gate tells calls apart by identity; a service may name two of them by one object.
    const received = { ...route.service.callOf(request) };
    call = received;
    const admission = await gate.admit(received, clientLeft.signal);
    if (clientLeft.signal.aborted) return gate.ended(received);
    if (isFaulted(admission)) gate.faulted(received, admission.kind === 'late-error');
    if (admission.kind === 'hang') return;
    if (admission.kind === 'refused') return drop(incoming.socket);
    const response = await respond(route.service, request, admission);
    const sent = breakStream(response, admission, clientLeft.signal, () => drop(incoming.socket));
    await sendResponse(outgoing, sent, clientLeft.signal, () => gate.ended(received));
  }

  const port = await listen(server, options.port);

  // Changes come one after the other, so that a fault cleared at once does not overtake its own setting.
  let lastChange = Promise.resolve();
  const stopWatching = soleService
    ? gate.watchRefusal(soleService, (refused) => {
        lastChange = lastChange.then(() => setRefusing(refused));
        return lastChange;
      })
    : () => {};

  async function setRefusing(refused: boolean): Promise<void> {
    if (refused === !server.listening) return;
    if (refused) await stopListening();
    else await listen(server, port);
  }

  async function stopListening(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) drop(socket);
    await closed;
  }

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async close() {
      stopWatching();
      await lastChange;
      if (server.listening) await stopListening();
    },
  };
}

/** Of streams that break in the middle only a reader of all of it can tell. */
function isFaulted({ kind }: Admission): boolean {
  return kind !== 'pass' && kind !== 'interrupted' && kind !== 'stalled';
}

async function respond(
  service: LocalService,
  request: LocalRequest,
  admission: Exclude<Admission, { kind: 'hang' | 'refused' }>,
): Promise<LocalResponse> {
  switch (admission.kind) {
    case 'pass':
    case 'interrupted':
    case 'stalled':
      return service.respond(request);
    case 'garbage':
      return GARBAGE;
    case 'late-error':
      await readToEnd(await service.respond(request));
      return service.fail('error', request);
    case 'error':
    case 'rate-limited':
      return service.fail(admission.kind, request);
  }
}

/** What nobody is told has still been made, a stream to its last piece. */
async function readToEnd({ body }: LocalResponse): Promise<void> {
  if (typeof body === 'string' || body instanceof Uint8Array) return;
  for await (const _ of body);
}

const GARBAGE: LocalResponse = {
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!doctype html><html><head><title>Please wait</title></head><body><h1>Please wait</h1></body></html>',
};

function routeOf(routes: Route[], path: string): Route | null {
  const pathname = path.split('?', 1)[0] ?? '';
  const byLength = routes.toSorted((a, b) => b.prefix.length - a.prefix.length);
  return (
    byLength.find(({ prefix }) => prefix === '/' || pathname === prefix || pathname.startsWith(`${prefix}/`)) ?? null
  );
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}

function sendAndHangUp(outgoing: ServerResponse, status: number, error: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  outgoing.end(JSON.stringify({ error }));
}

async function listen(server: Server, port: number): Promise<number> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') throw new PortInUseError(port);
    throw error;
  }
  // An address is a string only for a pipe.
  return (server.address() as AddressInfo).port;
}
