import { createApp } from '@resift/api/app';
import { readConfig } from '@resift/api/config';
import { createRateLimiter } from '@resift/api/rates';
import { fakeServices } from '@resift/api/testing/fake-services';
import { createReranker } from '@resift/core';
import { cached } from '@resift/reranker/cached';
import { memoryKeyValue } from '@resift/reranker/key-value';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

// F33 of reliability.md: the wall clock jumps or stands still; what runs knows only time that goes forward.
const DAY = 86_400_000;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});
const jump = (ms: number) => vi.setSystemTime(Date.now() + ms);

it.each([DAY, -DAY, 3_600_000, 0])('F33: answers as always when the clock jumps by %i ms in the middle of it', async (ms) => {
  const reranker = createReranker({
    id: 'jumping',
    scale: 'probability',
    score: async (_query, texts) => {
      jump(ms);
      return { values: texts.map(() => 0.5) };
    },
  });
  const app = createApp(fakeServices({ presets: new Map([['balanced', { reranker, budgetMs: 800 }]]) }), readConfig({}, {}));
  const post = async (path: string, body: unknown) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await app.fetch(new Request(`http://localhost${path}`, init));
    return { status: response.status, json: (await response.json()) as { rerank: Record<string, never>; timings: Record<string, number> } };
  };
  await post('/v1/documents', { documents: [{ id: 'a', text: 'Aspen is cold.' }] });
  for (let i = 0; i < 5; i++) {
    const { status, json } = await post('/v1/search', { query: `Aspen ${i}` });
    expect([status, json.rerank['status']]).toEqual([200, 'applied']);
    for (const time of [...Object.values(json.timings), json.rerank['elapsedMs']]) expect(time).toBeGreaterThanOrEqual(0);
    for (const time of Object.values(json.timings)) expect(time).toBeLessThan(60_000);
  }
});

const limiterOutlives = async (now?: () => number) => {
  const rates = createRateLimiter({ requests: 1, pairs: 1, tokens: 1, ingestBytes: 1 }, now);
  await rates.take('a', 'requests', 1);
  jump(DAY);
  return rates.take('a', 'requests', 1).then(
    () => false,
    () => true,
  );
};
it('F33: a jump of the clock fills no bucket', async () => {
  expect(await limiterOutlives()).toBe(true);
});
it('F33 has teeth: a limiter by the wall clock is found out', async () => {
  expect(await limiterOutlives(() => Date.now())).toBe(false);
});

const cacheOutlives = async (now?: () => number) => {
  let calls = 0;
  const reranker = createReranker({
    id: 'r',
    scale: 'probability',
    score: async (_q, texts) => ({ values: texts.map(() => ++calls / 10) }),
  });
  const over = cached(reranker, { store: memoryKeyValue({ now }), tenant: 't', identity: ['1'], ttlMs: 1_000 });
  for (const ms of [0, DAY, -2 * DAY]) {
    jump(ms);
    await over.rerank('q', [{ id: 'a', text: 'x' }]);
  }
  return calls === 1;
};
it('F33: a jump of the clock empties no cache, and keeps nothing for ever', async () => {
  expect(await cacheOutlives()).toBe(true);
});
it('F33 has teeth: a cache by the wall clock is found out', async () => {
  expect(await cacheOutlives(() => Date.now())).toBe(false);
});
