import { ResiftError } from '@resift/core';

/** What a tenant may use in a minute. */
export interface Rates {
  readonly requests: number;
  readonly pairs: number;
  readonly tokens: number;
  readonly ingestBytes: number;
}

/** One bucket per tenant and kind, filled evenly, holding at most one minute's worth. */
export interface RateLimiter {
  /** Takes before the work. Throws `rate_limited` with `details.retryAfterMs` where the bucket holds too little; then nothing is taken. */
  take(tenant: string, kind: keyof Rates, amount: number): void;
  /** Books what is only known after the work, such as tokens. The bucket may go below zero. */
  charge(tenant: string, kind: keyof Rates, amount: number): void;
}

export function createRateLimiter(rates: Rates, now: () => number = () => performance.now()): RateLimiter {
  const buckets = new Map<string, { level: number; at: number }>();

  function bucketOf(tenant: string, kind: keyof Rates) {
    const name = `${kind} ${tenant}`;
    const bucket = buckets.get(name) ?? { level: rates[kind], at: now() };
    buckets.set(name, bucket);
    const elapsed = Math.max(0, now() - bucket.at);
    bucket.level = Math.min(rates[kind], bucket.level + (elapsed * rates[kind]) / 60_000);
    bucket.at = now();
    return bucket;
  }

  return {
    take(tenant, kind, amount) {
      const bucket = bucketOf(tenant, kind);
      // Something larger than a whole minute's worth passes on a full bucket, or it could never pass.
      const needed = Math.min(amount, rates[kind]);
      if (bucket.level >= needed) {
        bucket.level -= amount;
        return;
      }
      const retryAfterMs = Math.ceil(((needed - bucket.level) * 60_000) / rates[kind]);
      throw new ResiftError('rate_limited', `This tenant may use ${rates[kind]} ${WORDS[kind]} in a minute. Try again later.`, {
        details: { limit: kind, perMinute: rates[kind], retryAfterMs },
      });
    },
    charge(tenant, kind, amount) {
      bucketOf(tenant, kind).level -= amount;
    },
  };
}

const WORDS = { requests: 'requests', pairs: 'query-document pairs', tokens: 'tokens', ingestBytes: 'ingested bytes' } satisfies Record<
  keyof Rates,
  string
>;

/** Without keys there are no limits. */
export const noRates: RateLimiter = { take() {}, charge() {} };
