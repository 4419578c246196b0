import { isResiftError, ResiftError, untilAborted } from '@resift/core';
import { cliEnvironment } from './config.ts';

/** Where a command's requests go: a running server, or the same application opened in this process. */
export interface Backend extends AsyncDisposable {
  readonly name: string;
  request(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export interface BackendOptions {
  readonly server?: string | undefined;
  readonly dataDir?: string | undefined;
  /** Load the models before the first request, so that its time goes to the answer and not to loading. */
  readonly warm?: boolean | undefined;
  /** Open the folder in this process, whatever server the environment names. */
  readonly here?: boolean | undefined;
  /** Where it aborts while the folder is opened, the folder is closed again and the reason thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Talks to `--server` where one is named. Else opens the data folder itself; where a running server already holds that
 * folder, its address is tried, so that `resift ask` works beside `npm start`.
 */
export async function openBackend({ server, dataDir, warm, here, signal }: BackendOptions): Promise<Backend> {
  const environment = cliEnvironment();
  const named = here ? undefined : (server ?? environment.server);
  if (named) return remote(named, environment.apiKey);

  const { openApp } = await import('@resift/api/open-app');
  const { readConfig } = await import('@resift/api/config');
  const config = readConfig(dataDir === undefined ? {} : { RESIFT_DATA_DIR: dataDir });
  try {
    signal?.throwIfAborted();
    const app = await openApp(config);
    try {
      signal?.throwIfAborted();
      // Not waited for after Ctrl-C: closing ends the loading, too.
      if (warm) await untilAborted(app.services.warm(), signal);
      signal?.throwIfAborted();
    } catch (error) {
      await app.close();
      throw error;
    }
    return {
      name: config.dataDir,
      request: async (path, init) => app.fetch(new Request(new URL(path, 'http://resift.local'), withKey(init, environment.apiKey))),
      close: app.close,
      [Symbol.asyncDispose]: app.close,
    };
  } catch (error) {
    if (!isResiftError(error, 'conflict')) throw error;
    const running = `http://127.0.0.1:${environment.port}`;
    if (!(await answers(running))) throw error;
    process.stderr.write(`Another process serves this data folder; asking it at ${running}.\n`);
    return remote(running, environment.apiKey);
  }
}

function remote(server: string, apiKey: string | undefined): Backend {
  return {
    name: server,
    async request(path, init = {}) {
      try {
        return await fetch(new URL(path, server), withKey(init, apiKey));
      } catch (cause) {
        if (init.signal?.aborted) throw cause;
        throw new ResiftError(
          'unavailable',
          `No resift server answers at ${server}. Start one with \`resift serve\`, or leave --server out.`,
          { cause },
        );
      }
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

function withKey(init: RequestInit = {}, apiKey: string | undefined): RequestInit {
  const headers = new Headers(init.headers);
  if (apiKey) headers.set('authorization', `Bearer ${apiKey}`);
  return { ...init, headers };
}

async function answers(server: string): Promise<boolean> {
  try {
    return (await fetch(new URL('/healthz', server), { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

/** The JSON of a good answer; for any other the server's own sentence as an error. */
export async function readJson<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as T;
  throw new ResiftError(
    response.status >= 500 ? 'unavailable' : 'invalid_input',
    serverMessage(text) ?? `The server answered ${response.status}.`,
  );
}

function serverMessage(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string; field?: string } };
    return error?.message;
  } catch {
    return undefined;
  }
}

/** Sends a JSON body. */
export const postJson = (body: unknown, signal?: AbortSignal): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
  ...(signal && { signal }),
});
