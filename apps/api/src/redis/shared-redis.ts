import { ResiftError } from '@resift/core';
import { Redis } from 'ioredis';

/** The Redis that replicas share. Every use is bounded in time, and what fails costs a request nothing but what Redis would have given. */
export interface SharedRedis {
  readonly url: string;
  readonly client: Redis;
  /** False from the first failure until the next call that works. */
  readonly up: boolean;
  /** Calls that failed, timed out, or were not made because Redis is down. */
  readonly failures: number;
  /** `undefined` where Redis did not answer in time: go on without it. */
  attempt<T>(work: (client: Redis) => Promise<T>, limitMs?: number): Promise<T | undefined>;
  /** The same for what cannot go on without it: rejects with `unavailable`. */
  ask<T>(work: (client: Redis) => Promise<T>, limitMs?: number): Promise<T>;
  close(): Promise<void>;
}

export interface SharedRedisOptions {
  /** Most milliseconds that a request waits for Redis. Default 50. */
  readonly limitMs?: number | undefined;
  /** After a failure Redis is left alone for so long, then asked once. Default 1000. */
  readonly pauseMs?: number | undefined;
  /** Milliseconds that only go forward. */
  readonly now?: (() => number) | undefined;
}

const START_MS = 3_000;

/** Connects once. Rejects with `unavailable` where there is no Redis, so that a wrong setting stops the start and not somebody's request. */
export async function openSharedRedis(url: string, options: SharedRedisOptions = {}): Promise<SharedRedis> {
  const { limitMs: usualMs = 50, pauseMs = 1_000, now = () => performance.now() } = options;
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: START_MS,
    // A command never waits for a connection: it would be answered long after the request that asked.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(100 * times, 1_000),
  });
  let lastError: unknown;
  client.on('error', (error: unknown) => {
    lastError = error;
  });
  try {
    await inTime(START_MS, async () => {
      await client.connect();
      await client.ping();
    });
  } catch (error) {
    client.disconnect();
    throw noRedis(url, lastError ?? error);
  }

  let up = true;
  let failures = 0;
  let pausedUntil = Number.NEGATIVE_INFINITY;

  async function ask<T>(work: (client: Redis) => Promise<T>, limitMs: number = usualMs): Promise<T> {
    try {
      if (now() < pausedUntil) throw new ResiftError('unavailable', 'Redis did not answer a moment ago.');
      // Whoever comes first after the pause asks; the others go on without it until that is answered.
      if (!up) pausedUntil = now() + pauseMs;
      const answer = await inTime(limitMs, () => work(client));
      up = true;
      pausedUntil = Number.NEGATIVE_INFINITY;
      return answer;
    } catch (cause) {
      failures += 1;
      // An error that Redis itself sends (a key of another type) is an answer: the next call may well work.
      if (!isReply(cause)) {
        if (up) pausedUntil = now() + pauseMs;
        up = false;
      }
      throw new ResiftError('unavailable', 'Redis does not answer: expected it at REDIS_URL. Try again in a moment.', {
        cause,
        details: { reason: 'redis', retryAfterMs: pauseMs },
      });
    }
  }

  return {
    url,
    client,
    get up() {
      return up;
    },
    get failures() {
      return failures;
    },
    ask,
    attempt: (work, limitMs) => ask(work, limitMs).catch(() => undefined),
    async close() {
      client.disconnect();
    },
  };
}

/** The client's own timeouts do not hold against a server that is stopped (reliability.md, section 7). */
async function inTime<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ResiftError('timeout', `Redis took longer than ${limitMs} ms.`)), limitMs);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

const isReply = (error: unknown) => error instanceof Error && error.name === 'ReplyError';

function noRedis(url: string, cause: unknown): ResiftError {
  // Never the whole URL: it may hold a password.
  const { hostname, port } = new URL(url);
  const reason = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
  return new ResiftError(
    'unavailable',
    `REDIS_URL: expected a Redis server at ${hostname}:${port || 6379}, got ${reason}. Start it, correct REDIS_URL, or unset it to keep jobs, limits and caches in this process.`,
    { cause },
  );
}
