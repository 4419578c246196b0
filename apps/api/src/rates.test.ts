import { isResiftError } from '@resift/core';
import { expect, it } from 'vitest';
import { createRateLimiter } from './rates.ts';

function limiter() {
  let now = 0;
  const rates = createRateLimiter({ requests: 60, pairs: 600, tokens: 60, ingestBytes: 60 }, () => now);
  const waitOf = (tenant: string, kind: 'requests' | 'pairs' | 'tokens', amount: number): number => {
    try {
      rates.take(tenant, kind, amount);
      return 0;
    } catch (error) {
      if (!isResiftError(error, 'rate_limited')) throw error;
      return error.details['retryAfterMs'] as number;
    }
  };
  return {
    rates,
    waitOf,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

it('lets a minute of use through, then says when the next fits', () => {
  const { waitOf, pass } = limiter();
  for (let i = 0; i < 60; i += 1) expect(waitOf('a', 'requests', 1)).toBe(0);
  expect(waitOf('a', 'requests', 1)).toBe(1_000);
  pass(999);
  expect(waitOf('a', 'requests', 1)).toBeGreaterThan(0);
  pass(1);
  expect(waitOf('a', 'requests', 1)).toBe(0);
});

it('keeps tenants and kinds apart', () => {
  const { waitOf } = limiter();
  expect(waitOf('a', 'pairs', 600)).toBe(0);
  expect(waitOf('a', 'pairs', 1)).toBeGreaterThan(0);
  expect(waitOf('b', 'pairs', 600)).toBe(0);
  expect(waitOf('a', 'requests', 1)).toBe(0);
});

it('lets something larger than a minute through on a full bucket, and makes up for it', () => {
  const { waitOf, pass } = limiter();
  expect(waitOf('a', 'pairs', 1_200)).toBe(0);
  pass(60_000);
  expect(waitOf('a', 'pairs', 1)).toBeGreaterThan(0);
  pass(100);
  expect(waitOf('a', 'pairs', 1)).toBe(0);
});

it('books what is only known afterwards', () => {
  const { rates, waitOf, pass } = limiter();
  rates.charge('a', 'tokens', 120);
  expect(waitOf('a', 'tokens', 1)).toBe(61_000);
  pass(61_000);
  expect(waitOf('a', 'tokens', 1)).toBe(0);
});

it('is not disturbed by a clock that runs backwards', () => {
  const { waitOf, pass } = limiter();
  waitOf('a', 'requests', 60);
  pass(-100_000);
  expect(waitOf('a', 'requests', 1)).toBe(1_000);
});
