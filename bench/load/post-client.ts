import { Agent, request } from 'node:http';

export interface PostedReply {
  status: number;
  body: Buffer;
}

/** Sends one body again and again over connections that stay open: as little work for the sender as possible. */
export interface PostClient {
  post(): Promise<PostedReply>;
  close(): void;
}

export function createPostClient(
  url: string,
  { body, headers, connections }: { body: string; headers: Record<string, string>; connections: number },
): PostClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const sent = Buffer.from(body);
  const options = { method: 'POST', agent, headers: { ...headers, 'content-length': sent.length } };
  return {
    post: () =>
      new Promise((resolve, reject) => {
        const asked = request(url, options, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
          response.on('error', reject);
        });
        asked.on('error', reject);
        asked.end(sent);
      }),
    close: () => agent.destroy(),
  };
}
