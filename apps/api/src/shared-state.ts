import { type KeyValue, memoryKeyValue, redisKeyValue } from '@resift/reranker/key-value';
import type { Config } from './config.ts';
import type { JobSettings, Jobs, RunJob } from './jobs.ts';
import { createLiftLog, type LiftLog } from './lift-log.ts';
import { createJobs } from './own-jobs.ts';
import { createRateLimiter, noRates, type RateLimiter } from './rates.ts';
import type { Readiness } from './services.ts';

/** What replicas of one store share: in Redis where `REDIS_URL` is set, otherwise in this process alone. */
export interface SharedState {
  readonly rates: RateLimiter;
  readonly lift: LiftLog;
  readonly scores: KeyValue;
  jobs(run: RunJob, settings?: JobSettings): Jobs;
  /** For `/readyz`; a lost Redis is `degraded`, and the server stays ready. */
  readiness(): Promise<Readiness['parts']>;
  /** Calls of Redis that failed or were not made. */
  readonly failures: () => number;
  /** 1 while Redis does not answer. */
  readonly down: () => number;
  close(): Promise<void>;
}

/** Scores of so many pairs are kept in memory: about 20 MB. */
const KEPT_SCORES = 100_000;

type StateConfig = Pick<Config, 'keys' | 'rates' | 'redisUrl' | 'dataDir' | 'storeUrl'>;

export function ownState({ keys, rates }: Pick<StateConfig, 'keys' | 'rates'>): SharedState {
  return {
    rates: keys.length > 0 ? createRateLimiter(rates) : noRates,
    lift: createLiftLog(),
    scores: memoryKeyValue({ maxEntries: KEPT_SCORES }),
    jobs: createJobs,
    readiness: async () => ({}),
    failures: () => 0,
    down: () => 0,
    async close() {},
  };
}

/** Rejects with `unavailable` where `REDIS_URL` is set and nothing answers there. */
export async function openSharedState(config: StateConfig): Promise<SharedState> {
  if (config.redisUrl === undefined) return ownState(config);
  // Only now: without Redis none of this is needed.
  const [{ openSharedRedis }, { redisJobs }, { redisLift }, { redisRates }, { storeIdentity }] = await Promise.all([
    import('./redis/shared-redis.ts'),
    import('./redis/redis-jobs.ts'),
    import('./redis/redis-lift.ts'),
    import('./redis/redis-rates.ts'),
    import('./redis/store-identity.ts'),
  ]);
  const redis = await openSharedRedis(config.redisUrl);
  const prefix = `resift:${await storeIdentity(config)}:`;
  // Through the breaker: a cache must not cost its time limit in every request while Redis is away.
  const scores = redisKeyValue(redis.client, `${prefix}score:`);
  return {
    rates: config.keys.length > 0 ? redisRates(redis, prefix, config.rates) : noRates,
    lift: redisLift(redis, prefix),
    scores: {
      getMany: (keys) => redis.ask(() => scores.getMany(keys)),
      setMany: (entries, ttlMs) => redis.ask(() => scores.setMany(entries, ttlMs)),
    },
    jobs: (run, settings) => redisJobs(redis, prefix, run, settings),
    async readiness() {
      const answered = await redis.attempt((client) => client.ping(), 500);
      return { redis: answered === 'PONG' ? { status: 'ready' } : { status: 'degraded', reason: 'unreachable' } };
    },
    failures: () => redis.failures,
    down: () => (redis.up ? 0 : 1),
    close: redis.close,
  };
}
