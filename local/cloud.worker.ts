import { WorkerEntrypoint } from 'cloudflare:workers';
import * as z from 'zod';

interface Env {
  LOCAL_CLOUD_URL: string;
}

interface RunOptions {
  signal?: AbortSignal;
  returnRawResponse?: boolean;
  [option: string]: unknown;
}

interface MarkdownDocument {
  name: string;
  blob: Blob;
}

const aiFailureSchema = z.object({ error: z.object({ name: z.string(), message: z.string() }) });
const markdownResultsSchema = z.array(z.unknown());

/** The binding `AI`: `run` and `toMarkdown` as the runtime's own binding answers and throws. */
export class WorkersAI extends WorkerEntrypoint<Env> {
  async run(model: string, inputs: unknown, options: RunOptions = {}): Promise<unknown> {
    const { signal, returnRawResponse, ...sentOptions } = options;
    const response = await post(this.env, '/ai/run', { model, inputs, options: sentOptions }, signal);
    if (returnRawResponse) return response;
    if (!response.ok || !response.body) throw await inferenceError(response);
    // Whatever is not JSON, an event stream or a broken proxy's web page, reaches the caller as it comes.
    return response.headers.get('content-type') === 'application/json' ? response.json() : response.body;
  }

  async toMarkdown(documents: MarkdownDocument | MarkdownDocument[], options?: unknown): Promise<unknown> {
    const files = await Promise.all([documents].flat().map(fileOf));
    const response = await post(this.env, '/ai/to-markdown', { files, options });
    if (!response.ok) throw await inferenceError(response);
    const results = markdownResultsSchema.parse(await response.json());
    return Array.isArray(documents) ? results : results[0];
  }
}

const propsSchema = z.object({ index: z.string().min(1), instance: z.string().min(1) });

interface Vector {
  id: string;
  values: VectorValues;
  [field: string]: unknown;
}
type VectorValues = number[] | Float32Array | Float64Array;
type QueryOptions = Record<string, unknown>;

/** The binding `VECTORIZE…`; `props = { index, instance }` in the caller's configuration say which one. */
export class Vectorize extends WorkerEntrypoint<Env> {
  async query(vector: VectorValues, options?: QueryOptions): Promise<unknown> {
    return this.#send('VECTOR_QUERY', 'query', { ...queryOptions(options), vector: Array.from(vector) });
  }

  async queryById(vectorId: string, options?: QueryOptions): Promise<unknown> {
    return this.#send('VECTOR_QUERY', 'queryById', { ...queryOptions(options), vectorId });
  }

  async insert(vectors: Vector[]): Promise<unknown> {
    return this.#send('VECTOR_INSERT', 'insert', { vectors: vectors.map(withPlainValues) });
  }

  async upsert(vectors: Vector[]): Promise<unknown> {
    return this.#send('VECTOR_UPSERT', 'upsert', { vectors: vectors.map(withPlainValues) });
  }

  async getByIds(ids: string[]): Promise<unknown> {
    return this.#send('VECTOR_GET', 'getByIds', { ids });
  }

  async deleteByIds(ids: string[]): Promise<unknown> {
    return this.#send('VECTOR_DELETE', 'deleteByIds', { ids });
  }

  async describe(): Promise<unknown> {
    return this.#send('INDEX_GET', 'describe', {});
  }

  async #send(name: string, operation: string, body: object): Promise<unknown> {
    const { index, instance } = propsSchema.parse(this.ctx.props);
    const response = await post(this.env, `/vectorize/${index}/${instance}/${operation}`, body);
    return resultOf(name, response.status, await response.text());
  }
}

export default {
  fetch: () => new Response('Workers AI and Vectorize of the local cloud answer by RPC only.\n', { status: 404 }),
} satisfies ExportedHandler<Env>;

async function post(env: Env, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  if (!env.LOCAL_CLOUD_URL) throw new Error('LOCAL_CLOUD_URL is not set: where is the local cloud?');
  return fetch(new URL(path, env.LOCAL_CLOUD_URL), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
}

async function inferenceError(response: Response): Promise<Error> {
  const text = await response.text();
  const failure = aiFailureSchema.safeParse(parseJson(text));
  const { name, message } = failure.success ? failure.data.error : { name: 'InferenceUpstreamError', message: text };
  return Object.assign(new Error(message), { name });
}

async function fileOf({ name, blob }: MarkdownDocument) {
  return { name, mimeType: blob.type, base64: base64Of(new Uint8Array(await blob.arrayBuffer())) };
}

function base64Of(bytes: Uint8Array): string {
  // In pieces, because the arguments of one call are limited.
  const pieceBytes = 8_192;
  let binary = '';
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    binary += String.fromCharCode(...bytes.subarray(start, start + pieceBytes));
  }
  return btoa(binary);
}

// The runtime converts `true` alone; `false` goes out as it is, and the service refuses it with 40026.
function queryOptions(options: QueryOptions = {}): QueryOptions {
  const { returnMetadata } = options;
  if (returnMetadata === true) return { ...options, returnMetadata: 'all' };
  if (!returnMetadata || ['none', 'indexed', 'all'].includes(String(returnMetadata))) return options;
  throw new Error(
    `Invalid returnMetadata option. Expected: true, false, "none", "indexed" or "all"; got: ${returnMetadata}`,
  );
}

function withPlainValues(vector: Vector): object {
  return { ...vector, values: Array.from(vector.values) };
}

const MAX_QUOTED_CHARACTERS = 1_000;
const vectorizeFailureSchema = z.object({ code: z.number().optional(), error: z.string() });

function resultOf(name: string, status: number, text: string): unknown {
  const json = parseJson(text);
  if (status === 200) {
    if (json !== undefined) return json;
    throw new Error(`Failed to parse body as JSON, got: ${text.slice(0, MAX_QUOTED_CHARACTERS)}`);
  }
  const failure = vectorizeFailureSchema.safeParse(json);
  if (!failure.success) throw new Error(`${name}_ERROR: Status + ${status}`);
  const { code, error } = failure.data;
  throw new Error(`${name}_ERROR${code === undefined ? '' : ` (code = ${code})`}: ${error}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
