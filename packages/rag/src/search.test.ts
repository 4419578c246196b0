import { createReranker, type Passage, type Reranker, ResiftError } from '@resift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SearchParts } from './rag.ts';
import { search } from './search.ts';
import { fixedRetriever, overlapReranker, passage } from './test/fakes.ts';

const passages = Array.from({ length: 20 }, (_, i) => passage(`d${i}`, i === 19 ? 'the snow of Aspen' : `text number ${i}`));
const limits = { candidates: 100, rerankBudgetMs: 20 };
const parts = (reranker?: Reranker): SearchParts => ({ retriever: fixedRetriever(passages), reranker, limits });
const firstStageIds = passages.map(({ id }) => id);
const scoring = (values: readonly (number | undefined)[]): Reranker =>
  createReranker({ id: 'fixed', scale: 'logit', score: async () => ({ values }) });

describe('search', () => {
  it('reranks, keeps the first-stage place, and says applied', async () => {
    const { results, rerank, retrieval } = await search('snow in Aspen', parts(overlapReranker));
    expect(results[0]).toMatchObject({ documentId: 'd19', score: 1, scale: 'probability', firstStage: { rank: 20, score: 1 / 20 } });
    expect(rerank).toMatchObject({ status: 'applied', window: 20, scored: 20, invalid: 0, reranker: 'overlap', budgetMs: 20 });
    expect(retrieval).toMatchObject({ found: 20, legs: { fixed: { status: 'ok', found: 20 } } });
  });

  it('cuts after ranking, so that topK is a prefix of the whole', async () => {
    const whole = await search('snow in Aspen', parts(overlapReranker));
    const cut = await search('snow in Aspen', parts(overlapReranker), { topK: 3 });
    expect(cut.results.map(({ id }) => id)).toEqual(whole.results.slice(0, 3).map(({ id }) => id));
  });

  it.each([
    ['disabled where nobody asked', parts(overlapReranker), { rerank: false }],
    ['disabled where there is none', parts(), {}],
  ])('is %s', async (_, given, options) => {
    const { results, rerank } = await search('snow', given, options);
    expect(rerank).toMatchObject({ status: 'disabled', scored: 0 });
    expect(results.map(({ id }) => id)).toEqual(firstStageIds);
    expect(results[1]).toMatchObject({ scale: 'first_stage', score: 0.5 });
  });

  it('puts what got no score behind what did, without a score', async () => {
    const values = passages.map((_, i) => (i < 5 ? i : undefined));
    const { results, rerank } = await search('snow', parts(scoring(values)));
    expect(rerank).toMatchObject({ status: 'partial', scored: 5, window: 20 });
    expect(results.slice(0, 5).map(({ score }) => score)).toEqual([4, 3, 2, 1, 0]);
    expect(results.slice(5).map(({ id }) => id)).toEqual(firstStageIds.slice(5));
    expect(results.slice(5).every((source) => !('score' in source) && source.scale === 'logit')).toBe(true);
  });

  it('names a passage once however often the retriever does', async () => {
    const twice = { id: 'twice', retrieve: async () => [...passages, ...passages].map((document) => ({ document, score: 1 })) };
    const { results } = await search('snow', { retriever: twice, reranker: overlapReranker, limits });
    expect(new Set(results.map(({ id }) => id)).size).toBe(results.length);
  });

  it('reports the legs of a retriever that has some', async () => {
    const legs = {
      bm25: { status: 'ok', found: 1, elapsedMs: 1 },
      dense: { status: 'failed', found: 0, elapsedMs: 1, reason: 'corrupt' },
    } as const;
    const retriever = {
      ...fixedRetriever(passages),
      retrieveWithStatus: async () => ({ results: [{ document: passages[0]!, score: 1 }], legs }),
    };
    const { retrieval } = await search('snow', { retriever, limits });
    expect(retrieval.legs).toEqual(legs);
  });
});

const broken = (rerank: Reranker['rerank']): Reranker => ({ id: 'broken', scale: 'logit', rerank });
const fails = (error: unknown) => broken(() => Promise.reject(error));
const answering = (items: readonly { index: number; score: number }[]) =>
  broken(async (_, documents) => ({
    items: items.map((item) => ({ ...item, document: documents[item.index]! })),
    skipped: [],
    scale: 'logit',
    usage: { calls: 0, inputTokens: 0, outputTokens: 0, truncated: 0 },
    status: { status: 'applied', window: documents.length, scored: items.length, invalid: 0, cacheHits: 0 },
  }));

describe('a reranker that fails', () => {
  it.each([
    ['throws', fails(new Error('boom')), 'unavailable'],
    [
      'throws before it waits',
      broken(() => {
        throw new Error('boom');
      }),
      'unavailable',
    ],
    ['throws something that is no error', fails(undefined), 'unavailable'],
    ['hangs', broken(() => new Promise(() => {})), 'deadline'],
    ['gives NaN', scoring(passages.map(() => Number.NaN)), 'invalid_scores'],
    ['is overloaded', fails(new ResiftError('overloaded', 'Full.')), 'overloaded'],
    ['is rate limited', fails(new ResiftError('rate_limited', 'Slow down.')), 'rate_limited'],
    ['lost its worker', fails(new ResiftError('unavailable', 'Gone.', { details: { reason: 'worker_crash' } })), 'worker_crash'],
    ['names a place out of range', answering([{ index: 99, score: 1 }]), 'bad_response'],
    ['names a place below', answering([{ index: -1, score: 1 }]), 'bad_response'],
    [
      'names a place twice',
      answering([
        { index: 1, score: 1 },
        { index: 1, score: 2 },
      ]),
      'bad_response',
    ],
    ['ranks by infinity', answering(passages.map((_, index) => ({ index, score: Number.POSITIVE_INFINITY }))), 'invalid_scores'],
    ['claims to have applied to nothing', answering([]), 'bad_response'],
  ])('that %s degrades visibly to the first-stage order', async (_, reranker, reason) => {
    const { results, rerank } = await search('snow', parts(reranker));
    expect(rerank).toMatchObject({ status: 'degraded', reason, scored: 0 });
    expect(results.map(({ id }) => id)).toEqual(firstStageIds);
    expect(results.every(({ scale, score, firstStage }) => scale === 'first_stage' && score === firstStage.score)).toBe(true);
  });

  it('takes over what a reranker that fails open reports itself', async () => {
    const reranker = broken(async (_, documents) => ({
      items: [],
      skipped: documents,
      scale: 'logit',
      usage: { calls: 1, inputTokens: 7, outputTokens: 0, truncated: 0 },
      status: { status: 'degraded', reason: 'circuit_open', window: 20, scored: 0, invalid: 0, cacheHits: 0 },
    }));
    const { rerank, results, usage } = await search('snow', parts(reranker));
    expect(rerank).toMatchObject({ status: 'degraded', reason: 'circuit_open' });
    expect(results[0]?.scale).toBe('first_stage');
    expect(usage.inputTokens).toBe(7);
  });

  it.each(['invalid_input', 'invalid_config', 'corrupt'] as const)('still rejects for %s', async (code) => {
    await expect(search('snow', parts(fails(new ResiftError(code, 'No.'))))).rejects.toMatchObject({ code });
  });

  it('always gives every candidate once, whatever comes back', async () => {
    const item = fc.record({ index: fc.integer({ min: -2, max: 22 }), score: fc.double() });
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 25 }), async (items) => {
        const { results } = await search('snow', parts(answering(items)));
        expect(results.map(({ id }) => id).toSorted()).toEqual(firstStageIds.toSorted());
        const scores = results.flatMap(({ score }) => score ?? []);
        expect(scores.every(Number.isFinite)).toBe(true);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });
});

describe('a caller', () => {
  it('who aborts gets the reason, during retrieval and during reranking', async () => {
    for (const hung of [
      { retriever: { id: 'hung', retrieve: () => new Promise<never>(() => {}) }, limits },
      { ...parts(broken(() => new Promise(() => {}))), limits: { candidates: 100, rerankBudgetMs: 60_000 } },
    ] satisfies SearchParts[]) {
      const controller = new AbortController();
      const searching = search('snow', hung, { signal: controller.signal });
      const reason = new Error('the user left');
      setImmediate(() => controller.abort(reason));
      await expect(searching).rejects.toBe(reason);
    }
  });

  it.each([
    ['', {}, 'query'],
    [7 as never, {}, 'query'],
    ['q', { topK: -1 }, 'topK'],
    ['q', { candidates: 0 }, 'candidates'],
  ])('who asks %j with %j is told what is wrong', async (query, options, field) => {
    await expect(search(query, parts(), options)).rejects.toMatchObject({ code: 'invalid_input', details: { field } });
  });

  it('learns of a retriever that breaks its promise', async () => {
    const retriever = { id: 'odd', retrieve: async () => [{ document: {} as Passage, score: 1 }] };
    await expect(search('q', { retriever, limits })).rejects.toMatchObject({ code: 'bad_output' });
  });
});
