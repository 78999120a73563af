import type { Call } from './faults/fault.ts';

export interface LocalRequest {
  method: string;
  /** Path and query as sent, undecoded. */
  path: string;
  headers: Headers;
  body: Uint8Array;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
}

export interface LocalResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/** One vendor's API. The HTTP server around it (`http-server.ts`) counts calls and injects latency and faults. */
export interface LocalService {
  /** What the request is, for counters and faults; a malformed request still belongs to some operation. */
  callOf(request: LocalRequest): Call;
  respond(request: LocalRequest): Promise<LocalResponse>;
  /** The vendor's own way of failing: its status, body and wording. */
  fail(kind: 'error' | 'rate-limited', request: LocalRequest): LocalResponse;
}
