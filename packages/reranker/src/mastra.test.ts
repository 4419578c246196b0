import { createReranker } from '@resift/core';
import { expect, it } from 'vitest';
import { ResiftRelevanceScorer } from './mastra.ts';

const batches: { query: string; texts: readonly string[] }[] = [];
const byLength = createReranker({
  id: 'by-length',
  scale: 'probability',
  async score(query, texts) {
    batches.push({ query, texts });
    return { values: texts.map((text) => (text === '' ? undefined : text.length / 100)) };
  },
});
const broken = createReranker({ id: 'broken', scale: 'probability', score: () => Promise.reject(new TypeError('boom')) });
const all = (scorer: ResiftRelevanceScorer, query: string, texts: readonly string[]) =>
  Promise.all(texts.map((text) => scorer.getRelevanceScore(query, text)));

it('makes one batch per query of calls that come together, copies included', async () => {
  batches.length = 0;
  const scorer = new ResiftRelevanceScorer({ reranker: byLength });
  const [first, second] = await Promise.all([all(scorer, 'a', ['xx', 'x', 'xx']), all(scorer, 'b', ['xxxx'])]);
  expect(first).toEqual([0.02, 0.01, 0.02]);
  expect(second).toEqual([0.04]);
  expect(batches).toEqual([
    { query: 'a', texts: ['xx', 'x', 'xx'] },
    { query: 'b', texts: ['xxxx'] },
  ]);
  await scorer.getRelevanceScore('a', 'xxx');
  expect(batches).toHaveLength(3);
});

it('splits a batch past its limit, and can wait for late calls', async () => {
  batches.length = 0;
  await all(new ResiftRelevanceScorer({ reranker: byLength, maxBatch: 2 }), 'a', ['x', 'xx', 'xxx']);
  expect(batches.map(({ texts }) => texts.length)).toEqual([2, 1]);

  batches.length = 0;
  const patient = new ResiftRelevanceScorer({ reranker: byLength, batchWindowMs: 30 });
  const early = patient.getRelevanceScore('a', 'x');
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([early, patient.getRelevanceScore('a', 'xx')]);
  expect(batches).toHaveLength(1);
});

it('answers 0 where there is no score, so that one failure does not fail all; or rejects where asked to', async () => {
  expect(await all(new ResiftRelevanceScorer({ reranker: byLength }), 'q', ['x', ''])).toEqual([0.01, 0]);
  expect(await all(new ResiftRelevanceScorer({ reranker: broken }), 'q', ['x', 'y'])).toEqual([0, 0]);
  await expect(new ResiftRelevanceScorer({ reranker: broken, onFailure: 'throw' }).getRelevanceScore('q', 'x')).rejects.toThrow('boom');
  await expect(new ResiftRelevanceScorer({ reranker: byLength, onFailure: 'throw' }).getRelevanceScore('q', '')).rejects.toThrow(
    'no score',
  );
});

it('refuses bad input and scores that are not probabilities', async () => {
  await expect(new ResiftRelevanceScorer({ reranker: byLength }).getRelevanceScore(' ', 'x')).rejects.toMatchObject({
    code: 'invalid_input',
  });
  const logits = createReranker({ id: 'l', scale: 'logit', score: async () => ({ values: [] }) });
  expect(() => new ResiftRelevanceScorer({ reranker: logits as never })).toThrow('calibrated');
});
