/** The parts of the local cloud that can be made slow or broken, and how. */
export const SERVICE_NAMES = ['ai', 'openai', 'vectorize', 'redis', 'vector', 'd1', 'kv'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** They run inside the Workers' process, where only a Worker that wraps its bindings lets them fail. */
export const BINDING_SERVICES = ['d1', 'kv'] as const satisfies ServiceName[];
export type BindingServiceName = (typeof BINDING_SERVICES)[number];

export const FAULT_MODES = ['error', 'hang', 'slow', 'rate-limited', 'garbage', 'flapping', 'refused'] as const;
/** Of an answer that is streamed, after its first pieces: the connection is cut, or nothing more comes. */
export const STREAM_FAULT_MODES = ['interrupted', 'stalled'] as const;
export type FaultMode = (typeof FAULT_MODES | typeof STREAM_FAULT_MODES)[number];

export const STREAMING_SERVICES = ['ai', 'openai'] as const satisfies ServiceName[];

/** One call as it reaches the local cloud. */
export interface Call {
  service: ServiceName;
  /** `primary`, `replica`, …; services with one instance say `primary`, D1 its database. */
  instance: string;
  /** The vendor's own word: `query`, `upsert`, `run`, `get`, `pipeline` … */
  operation: string;
}

/** `null` means every instance, every operation. */
export interface FaultTarget {
  service: ServiceName;
  instance: string | null;
  operation: string | null;
}

/** What the gate decided about one call, after the configured latency has passed. */
export type Admission =
  | { kind: 'pass' }
  | { kind: 'error' }
  /** It is carried out, and then answered as failed. */
  | { kind: 'late-error' }
  | { kind: 'rate-limited' }
  | { kind: 'garbage' }
  | { kind: 'hang' }
  | { kind: 'refused' }
  | { kind: (typeof STREAM_FAULT_MODES)[number] };

/** Every request to the local cloud asks here first; the gate counts it and applies latency and faults. */
export interface FaultGate {
  /** Of each call, told apart by identity, once. Resolves early when the signal aborts: nobody is left to be kept waiting. */
  admit(call: Call, signal?: AbortSignal): Promise<Admission>;
  /** The call waits no longer: its answer is complete, or nobody is left to get it. */
  ended(call: Call): void;
  /** A fault kept the call from its own answer; `wasDone`: it was carried out before that. */
  faulted(call: Call, wasDone: boolean): void;
  /** The client went away before its answer, or its stream, was complete. */
  cancelled(call: Call): void;
  /** Tells after each change of the faults whether every call to the service is refused. Returns how to stop. */
  watchRefusal(service: ServiceName, onChange: (refused: boolean) => Promise<void>): () => void;
}
