export interface ClosedLoop {
  /** Askers who ask again as soon as they are answered. */
  askers: number;
  durationMs: number;
  /** One request; what it rejects with ends the load. */
  send(): Promise<void>;
  signal: AbortSignal;
  nowMs?(): number;
}

export interface Throughput {
  requests: number;
  perSecond: number;
}

/** As many requests as the askers get answered in the time; those under way at its end are waited for and counted. */
export async function runClosedLoop(load: ClosedLoop): Promise<Throughput> {
  const { askers, durationMs, send, signal, nowMs = () => performance.now() } = load;
  const beganMs = nowMs();
  let requests = 0;
  async function ask(): Promise<void> {
    while (nowMs() - beganMs < durationMs) {
      signal.throwIfAborted();
      await send();
      requests += 1;
    }
  }
  await Promise.all(Array.from({ length: askers }, ask));
  return { requests, perSecond: (requests * 1_000) / (nowMs() - beganMs) };
}
