import type { ControlClient } from '../../local/control/control-client.ts';

/** What the embedding model has been asked to do. */
export interface EmbeddingWork {
  calls: number;
  texts: number;
  /** Of these, the ones whose vector the local cloud had on its disk. */
  textsOnDisk: number;
}

/** Since the counters were last reset. */
export async function embeddingWork(control: ControlClient): Promise<EmbeddingWork> {
  const { calls, embeddedTexts } = await control.counters();
  const embeds = calls.filter(({ service, operation }) => service === 'ai' && operation === 'embed');
  return {
    calls: embeds.reduce((sum, { received }) => sum + received, 0),
    texts: embeddedTexts.cached + embeddedTexts.computed,
    textsOnDisk: embeddedTexts.cached,
  };
}
