import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { ResiftError } from '@resift/core';
import type { App } from './app.ts';
import type { Config } from './config.ts';

export interface RunningServer {
  readonly url: string;
  /** Lets nothing new in, waits for what runs (streams at most `limits.shutdownMs`), and closes the port. Calling it twice is fine. */
  stop(): Promise<void>;
}

/** Listens on `config.host:config.port`. Rejects with `conflict` where the port is taken. */
export async function listen(app: App, config: Config): Promise<RunningServer> {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: 10_000,
      maxHeaderSize: 16 * 1024,
    },
    getRequestListener((request, env) => app.fetch(request, env as never), { overrideGlobalObjects: false }),
  );
  server.maxConnections = 1_000;
  await listening(server, config);

  let stopping: Promise<void> | undefined;
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${config.host.includes(':') ? `[${config.host.replace(/[[\]]/g, '')}]` : config.host}:${port}`,
    stop() {
      stopping ??= shutDown(server, app, config.limits.shutdownMs);
      return stopping;
    },
  };
}

function listening(server: Server, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      const sentence = taken
        ? `The port ${port} is taken by another program. Stop it, or set PORT.`
        : `Cannot listen on ${host}:${port} (${cause.code}).`;
      reject(new ResiftError(taken ? 'conflict' : 'invalid_config', sentence, { cause }));
    });
    server.listen(port, host.replace(/^\[|\]$/g, ''), resolve);
  });
}

async function shutDown(server: Server, app: App, patienceMs: number): Promise<void> {
  const { lifecycle } = app;
  // The port stays open while streams run, so that a new request gets its 503 and a probe sees the readiness go.
  lifecycle.drain();
  const patience = setTimeout(() => lifecycle.stop(), patienceMs);
  await lifecycle.idle();
  clearTimeout(patience);

  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // What has been answered may still be on its way to a slow reader; it gets a second.
  const cut = setTimeout(() => server.closeAllConnections(), 1_000);
  await closed;
  clearTimeout(cut);
  await app.close();
}
