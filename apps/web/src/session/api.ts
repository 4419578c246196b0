/** A request that did not succeed. `message` is the server's own sentence, fit to be shown. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const KEY = 'resift.key';

/** The key that the reader gave, kept until the tab closes. */
export const readKey = (): string | null => sessionStorage.getItem(KEY);
export const keepKey = (key: string): void => sessionStorage.setItem(KEY, key);

/** Fires on `window` when the server wants a key, or another one. */
export const KEY_WANTED = 'resift-key-wanted';

export function authorization(): Record<string, string> {
  const key = readKey();
  return key ? { authorization: `Bearer ${key}` } : {};
}

/** Sends a request with the key; throws `ApiFailure` where the answer is not a success, the signal's reason where it was aborted. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, { ...init, headers: { ...authorization(), ...(init.headers as Record<string, string>) } }).catch(
    (error: unknown) => {
      if (init.signal?.aborted) throw init.signal.reason;
      throw new ApiFailure(0, `The server does not answer (${error instanceof Error ? error.message : 'network'}). Is it still running?`);
    },
  );
  if (!response.ok) throw failure(response.status, await response.text());
  return response;
}

/** From a status and a body: the sentence in any of the API's error shapes. */
export function failure(status: number, body: string): ApiFailure {
  if (status === 401) window.dispatchEvent(new Event(KEY_WANTED));
  return new ApiFailure(status, sentenceIn(body) ?? `The server answered with status ${status}.`);
}

function sentenceIn(body: string): string | undefined {
  try {
    const { error, message } = JSON.parse(body) as { error?: { message?: string }; message?: string };
    return error?.message ?? message;
  } catch {
    return undefined;
  }
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await send(path, signal ? { signal } : {})).json() as Promise<T>;
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  return response.json() as Promise<T>;
}

export const remove = (path: string): Promise<Response> => send(path, { method: 'DELETE' });

export const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
