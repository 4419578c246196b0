import { createRateLimiter, limited, type RateLimiter, type Rates } from '../rates.ts';
import type { SharedRedis } from './shared-redis.ts';

/**
 * The bucket of `createRateLimiter` in one step inside Redis, by Redis' own clock: replicas need not agree on the time. An unused bucket
 * is full, so it may expire once it would be.
 */
const BUCKET = `
local perMinute, amount, must = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local known = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = perMinute
if known[1] then level = math.min(perMinute, known[1] + math.max(0, now - known[2]) * perMinute / 60000) end
local needed = math.min(amount, perMinute)
local wait = 0
if must and level < needed then wait = math.ceil((needed - level) * 60000 / perMinute) else level = level - amount end
redis.call('HSET', KEYS[1], 'level', string.format('%.17g', level), 'at', string.format('%.17g', now))
redis.call('PEXPIRE', KEYS[1], 60000 + math.ceil((perMinute - level) * 60000 / perMinute))
return wait`;

/** One bucket for all replicas. While Redis does not answer, each replica limits by itself. */
export function redisRates(redis: SharedRedis, prefix: string, rates: Rates): RateLimiter {
  const own = createRateLimiter(rates);
  const run = (tenant: string, kind: keyof Rates, amount: number, must: '0' | '1') =>
    redis.attempt(async (client) => Number(await client.eval(BUCKET, 1, `${prefix}rate:${kind}:${tenant}`, rates[kind], amount, must)));

  return {
    async take(tenant, kind, amount) {
      const wait = await run(tenant, kind, amount, '1');
      if (wait === undefined) return own.take(tenant, kind, amount);
      if (wait > 0) throw limited(rates, kind, wait);
    },
    charge(tenant, kind, amount) {
      void run(tenant, kind, amount, '0').then((wait) => {
        if (wait === undefined) own.charge(tenant, kind, amount);
      });
    },
  };
}
