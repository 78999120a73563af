import { createServer } from 'node:net';

/** Whether something already listens there, as seen from a server that wants to. */
export function isPortTaken(port: number): Promise<boolean> {
  return listenBriefly(port).then(
    () => false,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') return true;
      throw error;
    },
  );
}

/** A port nobody uses at this moment. */
export function freePort(): Promise<number> {
  return listenBriefly(0);
}

function listenBriefly(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(server)));
    });
  });
}
