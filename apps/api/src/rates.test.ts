import { isResiftError } from '@resift/core';
import { expect, it } from 'vitest';
import { createRateLimiter } from './rates.ts';

function limiter() {
  let now = 0;
  const rates = createRateLimiter({ requests: 60, pairs: 600, tokens: 60, ingestBytes: 60 }, () => now);
  const waitOf = async (tenant: string, kind: 'requests' | 'pairs' | 'tokens', amount: number): Promise<number> => {
    try {
      await rates.take(tenant, kind, amount);
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

it('lets a minute of use through, then says when the next fits', async () => {
  const { waitOf, pass } = limiter();
  for (let i = 0; i < 60; i += 1) expect(await waitOf('a', 'requests', 1)).toBe(0);
  expect(await waitOf('a', 'requests', 1)).toBe(1_000);
  pass(999);
  expect(await waitOf('a', 'requests', 1)).toBeGreaterThan(0);
  pass(1);
  expect(await waitOf('a', 'requests', 1)).toBe(0);
});

it('keeps tenants and kinds apart', async () => {
  const { waitOf } = limiter();
  expect(await waitOf('a', 'pairs', 600)).toBe(0);
  expect(await waitOf('a', 'pairs', 1)).toBeGreaterThan(0);
  expect(await waitOf('b', 'pairs', 600)).toBe(0);
  expect(await waitOf('a', 'requests', 1)).toBe(0);
});

it('lets something larger than a minute through on a full bucket, and makes up for it', async () => {
  const { waitOf, pass } = limiter();
  expect(await waitOf('a', 'pairs', 1_200)).toBe(0);
  pass(60_000);
  expect(await waitOf('a', 'pairs', 1)).toBeGreaterThan(0);
  pass(100);
  expect(await waitOf('a', 'pairs', 1)).toBe(0);
});

it('books what is only known afterwards', async () => {
  const { rates, waitOf, pass } = limiter();
  rates.charge('a', 'tokens', 120);
  expect(await waitOf('a', 'tokens', 1)).toBe(61_000);
  pass(61_000);
  expect(await waitOf('a', 'tokens', 1)).toBe(0);
});

it('is not disturbed by a clock that runs backwards', async () => {
  const { waitOf, pass } = limiter();
  await waitOf('a', 'requests', 60);
  pass(-100_000);
  expect(await waitOf('a', 'requests', 1)).toBe(1_000);
});
