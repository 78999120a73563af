const SWEEP_TIMEOUT_MS = 30_000;

/**
 * Runs the ingestion Worker's cron once, through wrangler's local explorer: cron does not fire by itself in `wrangler dev`,
 * and what a crash took out of the in-memory queue is only sent again by it. Returns whether it ran.
 */
export async function triggerSweep(apiUrl: string): Promise<boolean> {
  const endpoint = new URL('/cdn-cgi/local/explorer/api/local/scheduled?worker=vigil-ingest', apiUrl);
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cron: '* * * * *' }),
      signal: AbortSignal.timeout(SWEEP_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
