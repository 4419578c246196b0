import type { ChatModel } from '@resift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { letterIn } from './internal/choose.ts';
import { pairwise } from './pairwise.ts';
import { setwise } from './setwise.ts';

let calls = 0;
let biased = false;
/** Names the passage with the greatest number; a biased one always the first. */
const judge: ChatModel = {
  id: 'judge',
  contextTokens: 10_000,
  async *stream([message]) {
    calls += 1;
    const passages = [...message!.content.matchAll(/^Passage ([A-Z]): "(-?\d+).*"$/gm)].map(([, letter, number]) => ({
      letter: letter!,
      number: Number(number),
    }));
    const best = passages.reduce((a, b) => (b.number > a.number ? b : a));
    yield { text: biased ? 'Passage A' : `Passage ${best.letter}` };
  },
};
const silent: ChatModel = {
  ...judge,
  async *stream() {
    yield { text: 'I cannot tell.' };
  },
};
const documents = (numbers: readonly number[]) => numbers.map((number, i) => ({ id: `d${i}`, text: String(number) }));
const best = (numbers: readonly number[], top: number) =>
  [...numbers.keys()].sort((a, b) => numbers[b]! - numbers[a]! || a - b).slice(0, top);

const methods = {
  'all pairs': () => pairwise(judge, { method: 'all-pairs' }),
  heapsort: () => pairwise(judge, { method: 'heapsort', top: 3 }),
  bubbles: () => pairwise(judge, { method: 'bubble', top: 3 }),
  'bubbles, one order': () => pairwise(judge, { method: 'bubble', top: 3, bothOrders: false }),
  'sets of 3': () => setwise(judge, { size: 3, top: 3 }),
  'sets of 5': () => setwise(judge, { size: 5, top: 3 }),
};

describe.each(Object.entries(methods))('%s', (_, create) => {
  it('puts the first places right, whatever the order was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: -99, max: 99 }), { maxLength: 12 }), async (numbers) => {
        const { items, skipped } = await create().rerank('q', documents(numbers));
        expect(items.slice(0, 3).map(({ index }) => index)).toEqual(best(numbers, 3));
        expect(items).toHaveLength(numbers.length);
        expect(skipped).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('never spends more than the budget', async () => {
    for (const tokenBudget of [0, 150, 600, 2500, 50_000]) {
      const given = documents([3, 1, 4, 9, 5]);
      const { items, skipped, usage } = await create().rerank('q', given, { tokenBudget });
      expect(usage.inputTokens).toBeLessThanOrEqual(tokenBudget);
      expect(skipped).toEqual(given.slice(items.length));
      if (tokenBudget === 0) expect(items).toEqual([]);
      if (tokenBudget === 50_000) expect(items[0]!.index).toBe(3);
    }
  });
});

it('keeps the first-stage order where answers only follow the position', async () => {
  biased = true;
  const { items } = await pairwise(judge, { method: 'all-pairs' }).rerank('q', documents([1, 2, 3]));
  biased = false;
  expect(items.map(({ index }) => index)).toEqual([0, 1, 2]);
});

it('asks less in sets than in pairs', async () => {
  const numbers = Array.from({ length: 40 }, (_, i) => (i * 7) % 40);
  calls = 0;
  await pairwise(judge, { top: 5, bothOrders: false }).rerank('q', documents(numbers));
  const pairs = calls;
  calls = 0;
  await setwise(judge, { size: 5, top: 5 }).rerank('q', documents(numbers));
  expect(calls).toBeLessThan(pairs);
});

it('refuses an order that the model did not make', async () => {
  await expect(pairwise(silent).rerank('q', documents([1, 2, 3]))).rejects.toMatchObject({ code: 'bad_output' });
  await expect(setwise(silent).rerank('q', documents([1, 2, 3]))).rejects.toMatchObject({ code: 'bad_output' });
});

it.each([
  ['Passage B', 1],
  ['passage a is more relevant', 0],
  ['B', 1],
  [' [B].', 1],
  ['**Passage: B**', 1],
  ['The more relevant one is Passage B because passage A is off', 1],
  ['A passage that I like', undefined],
  ['Passage C', undefined],
  ['Neither', undefined],
  ['', undefined],
])('reads %j as %j', (answer, place) => {
  expect(letterIn(answer, 2)).toBe(place);
});

it('refuses sizes that make no sense', () => {
  expect(() => setwise(judge, { size: 2 })).toThrow('3 to 26');
  expect(() => setwise(judge, { top: 0 })).toThrow('top');
  expect(() => pairwise(judge, { top: 0 })).toThrow('top');
});
