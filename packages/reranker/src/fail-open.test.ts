import { createReranker, type Document, noUsage, type Ranking, type Reranker, ResiftError, type Scorer } from '@resift/core';
import { describe, expect, it } from 'vitest';
import { withDeadline } from './deadline.ts';
import { failOpen } from './fail-open.ts';

const documents = Array.from({ length: 6 }, (_, i) => ({ id: `d${i}`, text: `${i}` }));
const scorer = (score: Scorer['score']) => createReranker({ id: 'broken', scale: 'logit', score });
const throwing = (error: unknown) =>
  scorer(async () => {
    throw error;
  });
const handWritten = (items: (documents: readonly Document[]) => Ranking['items']): Reranker => ({
  id: 'hand-written',
  scale: 'logit',
  async rerank(_query, documents) {
    const status = { status: 'applied', window: 6, scored: 6, invalid: 0, cacheHits: 0 } as const;
    return { items: items(documents), skipped: [], scale: 'logit', usage: noUsage, status } as never;
  },
});

describe('degrades to the first-stage order', () => {
  it.each<[string, Reranker, string]>([
    ['an error of its own', throwing(new TypeError('boom')), 'unavailable'],
    ['a model that is gone', throwing(new ResiftError('unavailable', 'x')), 'unavailable'],
    ['a crashed worker', throwing(new ResiftError('unavailable', 'x', { details: { reason: 'worker_crash' } })), 'worker_crash'],
    ['an open breaker', throwing(new ResiftError('unavailable', 'x', { details: { reason: 'circuit_open' } })), 'circuit_open'],
    ['a full queue', throwing(new ResiftError('overloaded', 'x')), 'overloaded'],
    ['a rate limit', throwing(new ResiftError('rate_limited', 'x')), 'rate_limited'],
    ['an inner timeout', throwing(new DOMException('late', 'TimeoutError')), 'deadline'],
    ['nonsense', scorer(async () => ({ values: [1] })), 'bad_response'],
    ['NaN', scorer(async (_, texts) => ({ values: texts.map(() => Number.NaN) })), 'invalid_scores'],
    [
      'NaN of a hand-written reranker',
      handWritten((all) => all.map((document, index) => ({ document, index, score: Number.NaN }))),
      'invalid_scores',
    ],
    ['repeated documents', handWritten((all) => all.map(() => ({ document: all[0]!, index: 0, score: 1 }))), 'bad_response'],
    ['lost documents', handWritten((all) => [{ document: all[0]!, index: 0, score: 1 }]), 'bad_response'],
    ['a stranger', handWritten((all) => all.map((document, index) => ({ document: { ...document }, index, score: 1 }))), 'bad_response'],
    ['a hang', scorer(() => new Promise(() => {})), 'deadline'],
  ])('for %s', async (_, broken, reason) => {
    const { items, skipped, status } = await failOpen(broken, { budgetMs: 20 }).rerank('q', documents, { topK: 3 });
    expect(items).toEqual([]);
    expect(skipped).toEqual(documents);
    expect(status).toEqual({ status: 'degraded', reason, window: 6, scored: 0, invalid: 0, cacheHits: 0 });
  });
});

it('stays closed for the caller’s own abort, for invalid input and for a wrong setup', async () => {
  const reason = new Error('the user left');
  const controller = new AbortController();
  const hanging = failOpen(scorer(() => new Promise(() => {}))).rerank('q', documents, { signal: controller.signal });
  controller.abort(reason);
  await expect(hanging).rejects.toBe(reason);
  await expect(failOpen(throwing(new TypeError())).rerank(undefined as never, documents)).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(failOpen(throwing(new ResiftError('corrupt', 'x'))).rerank('q', documents)).rejects.toMatchObject({ code: 'corrupt' });
});

it('aborts the work it no longer waits for', async () => {
  let aborted: unknown;
  const slow = scorer((_, __, { signal }) => new Promise(() => signal!.addEventListener('abort', () => (aborted = signal!.reason))));
  await failOpen(slow, { budgetMs: 5 }).rerank('q', documents);
  expect(aborted).toMatchObject({ code: 'timeout' });
});

describe('with a deadline', () => {
  const number = scorer(async (_, texts) => ({ values: texts.map(Number), usage: { calls: 1, inputTokens: texts.length } }));

  it('rejects with `timeout`, and says how long it waited', async () => {
    const hanging = scorer(() => new Promise(() => {}));
    await expect(withDeadline(hanging, 5).rerank('q', documents)).rejects.toMatchObject({ code: 'timeout', details: { budgetMs: 5 } });
  });

  it('keeps what was scored in time: the answer equals the one of the first m documents', async () => {
    const stuck = scorer((_, texts) => (texts.includes('4') ? new Promise(() => {}) : Promise.resolve({ values: texts.map(Number) })));
    const { items, skipped, status } = await withDeadline(stuck, 30, { slice: 2 }).rerank('q', documents);
    expect(items).toEqual((await number.rerank('q', documents.slice(0, 4))).items);
    expect(skipped).toEqual(documents.slice(4));
    expect(status).toEqual({ status: 'partial', reason: 'deadline', window: 6, scored: 4, invalid: 0, cacheHits: 0 });
  });

  it('gives in slices what it gives at once', async () => {
    const whole = await number.rerank('q', documents, { topK: 4 });
    const sliced = await withDeadline(number, 60_000, { slice: 4 }).rerank('q', documents, { topK: 4 });
    expect(sliced).toEqual({ ...whole, usage: { ...whole.usage, calls: 2 } });
  });

  it('refuses an order in slices, and no time at all', () => {
    const ordinal = createReranker({ id: 'o', scale: 'ordinal', score: async () => ({ values: [] }) });
    expect(() => withDeadline(ordinal, 5, { slice: 2 })).toThrow('ordinal');
    expect(() => withDeadline(number, 0)).toThrow('0 milliseconds');
  });
});
