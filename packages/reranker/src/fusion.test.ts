import { createReranker, type Reranker } from '@resift/core';
import { describe, expect, it } from 'vitest';
import { ensemble } from './ensemble.ts';
import { failOpen } from './fail-open.ts';
import { type FusionOptions, fused } from './fusion.ts';

const fixed = (values: readonly (number | undefined)[]): Reranker<'probability'> =>
  createReranker({ id: 'fixed', scale: 'probability', score: async () => ({ values, usage: { calls: 1, inputTokens: 5 } }) });
const broken = createReranker({ id: 'broken', scale: 'probability', score: () => Promise.reject(new TypeError('boom')) });
const documents = (n: number) => Array.from({ length: n }, (_, i) => ({ id: `d${i}`, text: `t${i}` }));
const order = async (legs: readonly Reranker[], n: number, options?: FusionOptions) =>
  (await fused(legs, options).rerank('q', documents(n))).items.map(({ index }) => index);

it('adds 1 / (k + rank): what two lists agree on wins over one first place', async () => {
  const a = fixed([0.9, 0.8, 0.1, 0.2]);
  const b = fixed([0.1, 0.8, 0.9, 0.2]);
  // Ranks: a 1 2 4 3, b 4 2 1 3.
  expect(await order([a, b], 4)).toEqual([1, 0, 2, 3]);
  expect(await order([a, b], 4, { weights: [1, 3] })).toEqual([2, 1, 3, 0]);
  expect(await order([a, b], 4, { k: 0.1 })).toEqual([0, 2, 1, 3]);
});

it('gives a document that no list scored no place, and one that some did a last one', async () => {
  const { items, skipped } = await fused([fixed([0.5, undefined, undefined]), fixed([0.5, 0.9, undefined])]).rerank('q', documents(3));
  expect(items.map(({ index }) => index)).toEqual([0, 1]);
  expect(skipped.map(({ id }) => id)).toEqual(['d2']);
});

it('follows the majority where a loud minority would not', async () => {
  // Two of three lists put 0 before 1 by one place; the third puts 0 last.
  const lists = [fixed([0.9, 0.8, 0.7, 0.6]), fixed([0.9, 0.8, 0.7, 0.6]), fixed([0.1, 0.9, 0.8, 0.7])];
  expect((await order(lists, 4, { method: 'condorcet' }))[0]).toBe(0);
  expect((await order(lists, 4, { method: 'borda', weights: [1, 1, 5] }))[0]).toBe(1);
});

it('lets every leg see the documents at once and shares the budget', async () => {
  const budgets: (number | undefined)[] = [];
  const noting = createReranker({
    id: 'noting',
    scale: 'logit',
    async score(_, texts, { tokenBudget }) {
      budgets.push(tokenBudget);
      return { values: texts.map(() => 1), usage: { inputTokens: 3 } };
    },
  });
  const { usage } = await fused([noting, noting]).rerank('q', documents(2), { tokenBudget: 101 });
  expect(budgets).toEqual([50, 50]);
  expect(usage.inputTokens).toBe(6);
});

describe('with a leg that fails', () => {
  it('rejects, or goes on where it fails open, and says so', async () => {
    const good = fixed([0.1, 0.9]);
    await expect(fused([good, broken]).rerank('q', documents(2))).rejects.toThrow('boom');
    const { items, status } = await fused([good, failOpen(broken)]).rerank('q', documents(2));
    expect(items.map(({ index }) => index)).toEqual([1, 0]);
    expect(status).toMatchObject({ status: 'partial', reason: 'unavailable' });
    expect((await fused([failOpen(broken)]).rerank('q', documents(2))).status).toMatchObject({ status: 'degraded', reason: 'unavailable' });
  });

  it('the ensemble does the same', async () => {
    const { items, status } = await ensemble([fixed([0.1, 0.9]), failOpen(broken)]).rerank('q', documents(2));
    expect(items.map(({ score }) => score)).toEqual([0.9, 0.1]);
    expect(status.status).toBe('partial');
    expect((await ensemble([failOpen(broken)]).rerank('q', documents(2))).status.status).toBe('degraded');
  });
});

it('averages probabilities by weight, and leaves out what one did not score', async () => {
  const legs = [fixed([0.25, 0.75, 0.5]), fixed([0.75, 0.25, undefined])];
  const scores = async (weights?: number[]) =>
    (await ensemble(legs, { weights }).rerank('q', documents(3))).items.map(({ index, score }) => [index, score]);
  expect(await scores()).toEqual([
    [0, 0.5],
    [1, 0.5],
  ]);
  expect(await scores([1, 3])).toEqual([
    [0, 0.625],
    [1, 0.375],
  ]);
  expect((await ensemble(legs).rerank('q', documents(3))).skipped.map(({ id }) => id)).toEqual(['d2']);
});

it('refuses weights that do not fit, no reranker, and what is not calibrated', () => {
  const logit = createReranker({ id: 'l', scale: 'logit', score: async () => ({ values: [] }) });
  expect(() => fused([])).toThrow('at least one');
  expect(() => fused([fixed([])], { weights: [1, 2] })).toThrow('weight');
  expect(() => fused([fixed([])], { weights: [0] })).toThrow('above 0');
  expect(() => fused([fixed([])], { k: 0 })).toThrow('k above 0');
  expect(() => ensemble([logit as never])).toThrow('calibrated');
});
