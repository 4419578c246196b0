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
  /** Takes before the work. Rejects with `rate_limited` and `details.retryAfterMs` where the bucket holds too little; then nothing is taken. */
  take(tenant: string, kind: keyof Rates, amount: number): Promise<void>;
  /** Books what is only known after the work, such as tokens. The bucket may go below zero. Nobody waits for it. */
  charge(tenant: string, kind: keyof Rates, amount: number): void;
}

/** Buckets of this process. */
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
    async take(tenant, kind, amount) {
      const bucket = bucketOf(tenant, kind);
      // Something larger than a whole minute's worth passes on a full bucket, or it could never pass.
      const needed = Math.min(amount, rates[kind]);
      if (bucket.level < needed) throw limited(rates, kind, Math.ceil(((needed - bucket.level) * 60_000) / rates[kind]));
      bucket.level -= amount;
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

export function limited(rates: Rates, kind: keyof Rates, retryAfterMs: number): ResiftError {
  return new ResiftError('rate_limited', `This tenant may use ${rates[kind]} ${WORDS[kind]} in a minute. Try again later.`, {
    details: { limit: kind, perMinute: rates[kind], retryAfterMs },
  });
}

/** Without keys there are no limits. */
export const noRates: RateLimiter = { async take() {}, charge() {} };
