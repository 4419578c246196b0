import { isResiftError, ResiftError, untilAborted } from '@resift/core';
import type { z } from 'zod';
import { type Breaker, createBreaker } from './internal/breaker.ts';
import { failureOf, unreachable } from './internal/hosted-errors.ts';

export interface HostedFetchOptions {
  /** Of the provider, for messages. */
  readonly name: string;
  readonly url: string;
  /** Sent with every request. They appear in no error. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What must appear in no error: the key. */
  readonly secrets?: readonly string[] | undefined;
  /** For one request with its retry: connect, headers and body. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Default 8 MiB. */
  readonly maxResponseBytes?: number | undefined;
  /** Failures in a row after which nothing is sent for a while. Default 5. */
  readonly breakAfter?: number | undefined;
  /** How long nothing is sent then, and at most after a `Retry-After` that does not fit. Defaults 10,000 and 60,000. */
  readonly breakMs?: number | undefined;
  /** Milliseconds that only go forward. Default `performance.now()`. */
  readonly now?: (() => number) | undefined;
}

export interface HostedFetch {
  /** Sends JSON and gives the checked reply. At most one retry, and only where it can still end in time. */
  post<T>(body: unknown, reply: z.ZodType<T>, signal?: AbortSignal | undefined): Promise<T>;
}

const MOST_BREAK_MS = 60_000;
const BACKOFF_MS = 100;
/** Retries must not double the load on a provider that is down. */
const RETRY_SHARE = 0.1;

/** The one way to a hosted model: a total deadline, one retry, `Retry-After`, a breaker, a bounded and checked reply, typed errors without keys. */
export function hostedFetch(options: HostedFetchOptions): HostedFetch {
  const { name, timeoutMs = 10_000, maxResponseBytes = 8 << 20, breakAfter = 5, breakMs = 10_000, now = () => performance.now() } = options;
  if (!(timeoutMs > 0)) throw new ResiftError('invalid_config', `Expected \`timeoutMs\` of more than 0, got ${timeoutMs}.`);
  const url = parsed(options.url, name);
  const headers = { 'content-type': 'application/json', accept: 'application/json', ...options.headers };
  const redact = (text: string) =>
    (options.secrets ?? []).reduce((kept, secret) => (secret ? kept.replaceAll(secret, '[key]') : kept), text);
  const breaker: Breaker = createBreaker({ name, breakAfter, breakMs, mostMs: MOST_BREAK_MS, now });
  let calls = 0;
  let retries = 0;
  let typicalMs = 0;

  async function once<T>(body: string, reply: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const started = now();
    // No redirect: the key is for this server.
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' }).catch((cause: unknown) => {
      throw signal.aborted ? signal.reason : unreachable(name, url, cause);
    });
    const text = await readBody(response, signal);
    if (!response.ok) throw failureOf(name, response, text, redact);
    typicalMs = typicalMs === 0 ? now() - started : 0.8 * typicalMs + 0.2 * (now() - started);
    return checked(text, reply);
  }

  async function readBody(response: Response, signal: AbortSignal): Promise<string> {
    const reader = response.body?.getReader();
    if (!reader) return '';
    const pieces: Uint8Array[] = [];
    for (let bytes = 0; ; ) {
      const { done, value } = await untilAborted(reader.read(), signal).catch((cause: unknown) => {
        throw signal.aborted ? signal.reason : unreachable(name, url, cause);
      });
      if (done) return Buffer.concat(pieces).toString('utf8');
      bytes += value.byteLength;
      if (bytes > maxResponseBytes) {
        await reader.cancel().catch(() => {}); // it is being thrown away
        throw badResponse(`more than ${maxResponseBytes} bytes`);
      }
      pieces.push(value);
    }
  }

  function checked<T>(text: string, reply: z.ZodType<T>): T {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw badResponse('what is not JSON', cause);
    }
    const result = reply.safeParse(json);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw badResponse(`another form of reply (${issue?.path.join('.') || 'the whole'}: ${issue?.message})`);
  }

  function badResponse(what: string, cause?: unknown): ResiftError {
    return new ResiftError('bad_output', `${name} sent ${what}.`, {
      ...(cause !== undefined && { cause }),
      details: { reason: 'bad_response' },
    });
  }

  return {
    async post(body, reply, signal) {
      signal?.throwIfAborted();
      breaker.check();
      const payload = JSON.stringify(body);
      const deadline = now() + timeoutMs;
      const controller = new AbortController();
      const leave = () => controller.abort(signal?.reason);
      const late = new ResiftError('timeout', `${name} did not answer within ${timeoutMs} ms.`, {
        details: { reason: 'deadline', timeoutMs },
      });
      const timer = setTimeout(() => controller.abort(late), timeoutMs);
      signal?.addEventListener('abort', leave, { once: true });
      calls += 1;
      try {
        for (let attempt = 0; ; attempt++) {
          try {
            const answer = await once(payload, reply, controller.signal);
            breaker.success();
            return answer;
          } catch (error) {
            if (signal?.aborted) throw signal.reason;
            const failure = isResiftError(error) ? error : unreachable(name, url, error);
            if (!failure.retryable)
              breaker.success(); // it answered
            else {
              const wait = waitOf(failure);
              const fits =
                attempt === 0 &&
                failure.code !== 'timeout' &&
                now() + wait + typicalMs < deadline &&
                retries + 1 <= Math.max(1, RETRY_SHARE * calls);
              if (fits) {
                retries += 1;
                await pause(wait, controller.signal);
                continue;
              }
              breaker.failure(typeof failure.details['retryAfterMs'] === 'number' ? wait : undefined);
            }
            throw failure;
          }
        }
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', leave);
      }
    },
  };
}

function waitOf({ details }: ResiftError): number {
  const { retryAfterMs } = details;
  return typeof retryAfterMs === 'number' ? retryAfterMs : BACKOFF_MS * (1 + Math.random());
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const waiting = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return untilAborted(waiting, signal).finally(() => clearTimeout(timer));
}

function parsed(url: string, name: string): URL {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new ResiftError('invalid_config', `Expected an http or https URL for ${name}, got ${JSON.stringify(url)}.`);
  }
  const { username, password } = new URL(url);
  if (username || password)
    throw new ResiftError('invalid_config', `The URL for ${name} must hold no user name or password: pass the key as \`key\`.`);
  return new URL(url);
}
