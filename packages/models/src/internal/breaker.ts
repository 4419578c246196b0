import { ResiftError } from '@resift/core';

export interface BreakerOptions {
  readonly name: string;
  readonly breakAfter: number;
  readonly breakMs: number;
  /** Longest time that a server may ask for. */
  readonly mostMs: number;
  readonly now: () => number;
}

/** Stops asking a server that fails, and lets one call try again after a while. */
export interface Breaker {
  /** Throws `unavailable` with the reason `circuit_open` while nothing may be sent. */
  check(): void;
  success(): void;
  /** `waitMs`: the server's own wish, which opens the breaker at once. */
  failure(waitMs?: number | undefined): void;
}

export function createBreaker({ name, breakAfter, breakMs, mostMs, now }: BreakerOptions): Breaker {
  let failures = 0;
  let closedAt = -Infinity;
  const open = (ms: number) => {
    closedAt = Math.max(closedAt, now() + Math.min(ms, mostMs));
  };

  return {
    check() {
      const left = closedAt - now();
      if (left > 0) {
        throw new ResiftError('unavailable', `${name} failed, so nothing is sent to it for ${Math.ceil(left)} ms.`, {
          details: { reason: 'circuit_open', retryAfterMs: Math.ceil(left) },
        });
      }
      // One call tries; the others wait until it is known how that went.
      if (failures >= breakAfter) open(breakMs);
    },
    success() {
      failures = 0;
      closedAt = -Infinity;
    },
    failure(waitMs) {
      failures += 1;
      if (waitMs !== undefined) open(waitMs);
      if (failures >= breakAfter) open(breakMs);
    },
  };
}
