import { createReranker, type Document } from '@resift/core';
import { describe, expect, it } from 'vitest';
import { atLeast } from './at-least.ts';
import { atLeastDocuments, atLeastTokens, noClearWinner, type Rule, when } from './when.ts';

let calls = 0;
const counting = createReranker({
  id: 'counting',
  scale: 'probability',
  async score(_, texts) {
    calls += 1;
    return { values: texts.map((text) => Number(text)) };
  },
});
const documents = ['0.2', '0.9', '0.5'].map((text, i) => ({ id: `d${i}`, text, score: 10 - i }));
const firstStage = (document: Document) => (document as (typeof documents)[number]).score;

describe('when', () => {
  it.each<[string, Rule, string | undefined]>([
    ['enough documents', atLeastDocuments(3), undefined],
    ['too few', atLeastDocuments(4), 'rule'],
    ['enough budget', atLeastTokens(100), undefined],
    ['too tight a budget', atLeastTokens(101), 'budget'],
    ['no clear winner', noClearWinner(firstStage, 1.2), undefined],
    ['a clear winner', noClearWinner(firstStage, 1.05), 'rule'],
    ['no scores to tell a winner by', noClearWinner(() => undefined, 1.05), undefined],
    ['a second score of 0', noClearWinner((document) => (document.id === 'd0' ? 1 : 0), 2), undefined],
  ])('%s', async (_, rule, reason) => {
    calls = 0;
    const { items, skipped, status } = await when(rule, counting).rerank('q', documents, { tokenBudget: 100 });
    expect(calls).toBe(reason ? 0 : 1);
    expect(items).toHaveLength(reason ? 0 : 3);
    if (!reason) return;
    expect(skipped).toEqual(documents);
    expect(status).toEqual({ status: 'skipped', reason, window: 3, scored: 0, invalid: 0, cacheHits: 0 });
  });

  it('asks every rule, and never lets one hide bad input', async () => {
    const both = when([atLeastDocuments(1), () => 'rule'], counting);
    expect((await both.rerank('q', documents)).status.reason).toBe('rule');
    await expect(both.rerank(5 as never, documents)).rejects.toMatchObject({ code: 'invalid_input' });
    expect(() => noClearWinner(firstStage, 1)).toThrow('ratio above 1');
  });
});

it('drops what is below a probability, and keeps what nothing is known against', async () => {
  const unsure = createReranker({ id: 'u', scale: 'probability', score: async () => ({ values: [0.2, undefined, 0.5] }) });
  const { items, skipped } = await atLeast(0.5, unsure).rerank('q', documents);
  expect(items.map(({ index }) => index)).toEqual([2]);
  expect(skipped).toEqual([documents[1]]);
  expect(() => atLeast(50, unsure)).toThrow('from 0 to 1');
  const logit = createReranker({ id: 'l', scale: 'logit', score: async () => ({ values: [] }) });
  expect(() => atLeast(0.5, logit as never)).toThrow('calibrated');
});
