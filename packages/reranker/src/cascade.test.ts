import { createReranker, type Reranker, type RerankOptions } from '@resift/core';
import { expect, it } from 'vitest';
import { calibrated } from './calibrated.ts';
import { cascade } from './cascade.ts';

const seen: { texts: readonly string[]; options: RerankOptions }[] = [];
const byNumber = (sign: 1 | -1, inputTokens = 10): Reranker<'logit'> =>
  createReranker({
    id: sign > 0 ? 'up' : 'down',
    scale: 'logit',
    async score(_, texts, options) {
      seen.push({ texts, options });
      return {
        values: texts.map((text) => (text === '?' ? undefined : sign * Number(text))),
        usage: { calls: 1, inputTokens },
        cacheHits: 1,
      };
    },
  });
const platt = { kind: 'platt', a: 1, b: 0 } as const;
const documents = ['1', '5', '3', '4', '2'].map((text) => ({ id: `d${text}`, text }));
const texts = (list: readonly { text: string }[]) => list.map(({ text }) => text);

it('shows the second stage only the best of the first, in its order, and keeps the input indexes', async () => {
  seen.length = 0;
  const { items, skipped, status, usage } = await cascade(byNumber(1), 3, byNumber(-1)).rerank('q', documents);
  expect(seen[1]!.texts).toEqual(['5', '4', '3']);
  expect(items.map(({ index, document }) => [index, document.text])).toEqual([
    [2, '3'],
    [3, '4'],
    [1, '5'],
  ]);
  expect(texts(skipped)).toEqual(['2', '1']);
  expect(status).toEqual({ status: 'applied', window: 3, scored: 3, invalid: 0, cacheHits: 2 });
  expect(usage.inputTokens).toBe(20);
});

it('gives the second stage what is left of the budget', async () => {
  seen.length = 0;
  await cascade(byNumber(1, 70), 3, byNumber(-1)).rerank('q', documents, { tokenBudget: 100 });
  expect(seen.map(({ options }) => options.tokenBudget)).toEqual([100, 30]);
  await cascade(byNumber(1, 170), 3, byNumber(-1)).rerank('q', documents, { tokenBudget: 100 });
  expect(seen.at(-1)!.options.tokenBudget).toBe(0);
});

it('caps a tail just under the lowest score of the head, in the first stage’s order', async () => {
  const both = cascade(calibrated(byNumber(1), platt), 2, calibrated(byNumber(-1), platt), { tail: 'capped' });
  const { items, skipped, status } = await both.rerank('q', documents);
  expect(texts(items.map(({ document }) => document))).toEqual(['4', '5', '3', '2', '1']);
  expect(skipped).toEqual([]);
  expect(status).toMatchObject({ status: 'applied', window: 5, scored: 5 });
  for (const [i, { score }] of items.entries()) if (i > 0) expect(score).toBeLessThan(items[i - 1]!.score);
  expect(texts((await both.rerank('q', documents, { topK: 3 })).items.map(({ document }) => document))).toEqual(['4', '5', '3']);
});

it('puts what neither stage scored last', async () => {
  const unsure = ['1', '?', '3'].map((text) => ({ id: text, text }));
  const { skipped } = await cascade(byNumber(1), 1, byNumber(1)).rerank('q', unsure);
  expect(texts(skipped)).toEqual(['1', '?']);
});

it('refuses what cannot work', async () => {
  expect(() => cascade(byNumber(1), 0, byNumber(1))).toThrow('keep');
  expect(() => cascade(byNumber(1), 5, calibrated(byNumber(1), platt), { tail: 'capped' })).toThrow('one scale');
  await expect(cascade(byNumber(1), 5, byNumber(1)).rerank(5 as never, documents)).rejects.toMatchObject({ code: 'invalid_input' });
});

it('serves the first stage’s scores where the second one hangs, and says that the time ran out', async () => {
  const hangs = calibrated(createReranker({ id: 'hangs', scale: 'logit', score: () => new Promise(() => {}) }), platt);
  const { items, skipped, status } = await cascade(calibrated(byNumber(1), platt), 2, hangs, { tail: 'capped', budgetMs: 30 }).rerank(
    'q',
    documents,
  );
  expect(texts(items.map(({ document }) => document))).toEqual(['5', '4', '3', '2', '1']);
  expect(skipped).toEqual([]);
  expect(status).toMatchObject({ status: 'partial', reason: 'deadline', window: 5, scored: 5 });
});

it('keeps what the second stage scored in time', async () => {
  let calls = 0;
  const slow = createReranker({
    id: 'slow',
    scale: 'logit' as const,
    score: (_, texts) => (calls++ === 0 ? Promise.resolve({ values: texts.map((text) => -Number(text)) }) : new Promise(() => {})),
  });
  const many = Array.from({ length: 20 }, (_, i) => ({ id: `d${i}`, text: String(i) }));
  const { items, status } = await cascade(calibrated(byNumber(1), platt), 16, calibrated(slow, platt), {
    tail: 'capped',
    budgetMs: 30,
  }).rerank('q', many);
  expect(texts(items.map(({ document }) => document)).slice(0, 9)).toEqual(['12', '13', '14', '15', '16', '17', '18', '19', '11']);
  expect(items).toHaveLength(20);
  expect(status).toMatchObject({ status: 'partial', reason: 'deadline' });
});

it('lets the caller’s own abort and a failure of the second stage through', async () => {
  const fails = createReranker({ id: 'fails', scale: 'logit', score: () => Promise.reject(new Error('boom')) });
  await expect(cascade(byNumber(1), 2, fails, { budgetMs: 1_000 }).rerank('q', documents)).rejects.toThrow('boom');
});
