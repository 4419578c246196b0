import type { RerankingModelV3 } from '@ai-sdk/provider';
import { createReranker, type RerankOptions, ResiftError } from '@resift/core';
import { rerank } from 'ai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aiSdkReranker, rerankingModel } from './ai-sdk.ts';

const seen: { texts: readonly string[]; options: RerankOptions }[] = [];
/** Scores a text by its number; a text without one is not scored. */
const byNumber = createReranker({
  id: 'by-number',
  scale: 'logit',
  async score(_, texts, options) {
    seen.push({ texts, options });
    return { values: texts.map((text) => (/\d/.test(text) ? Number(/-?\d+/.exec(text)![0]) : undefined)) };
  },
});
const failing = (error: Error) => createReranker({ id: 'failing', scale: 'logit', score: () => Promise.reject(error) });
const documents = ['one -1', 'none', 'three 3', 'two 2'];

// The SDK prints the warnings that a model gives.
const settings = globalThis as { AI_SDK_LOG_WARNINGS?: boolean };
beforeAll(() => {
  settings.AI_SDK_LOG_WARNINGS = false;
});
afterAll(() => {
  delete settings.AI_SDK_LOG_WARNINGS;
});

it('is run by the real rerank(), best first, and says what got no score', async () => {
  const model: RerankingModelV3 = rerankingModel({ reranker: byNumber });
  const { ranking, rerankedDocuments, providerMetadata } = await rerank({ model, documents, query: 'q' });
  expect(rerankedDocuments).toEqual(['three 3', 'two 2', 'one -1', 'none']);
  expect(ranking.map(({ originalIndex, score }) => [originalIndex, score])).toEqual([
    [2, 3],
    [3, 2],
    [0, -1],
    [1, -1],
  ]);
  expect(providerMetadata).toMatchObject({ resift: { status: 'partial', scored: 3, scale: 'logit', unscored: [1] } });
});

it('cuts to topN last, and no document calls nothing', async () => {
  const model = rerankingModel({ reranker: byNumber });
  expect((await rerank({ model, documents, query: 'q', topN: 1 })).rerankedDocuments).toEqual(['three 3']);
  expect((await rerank({ model, documents: [], query: 'q' })).ranking).toEqual([]);
});

it('scores the fields of an object', async () => {
  seen.length = 0;
  const films = [{ title: 'Speed 2', year: 1997, cast: ['Bullock'] }];
  await rerank({ model: rerankingModel({ reranker: byNumber }), documents: films, query: 'q' });
  await rerank({ model: rerankingModel({ reranker: byNumber, fields: ['title'] }), documents: films, query: 'q' });
  await rerank({
    model: rerankingModel({ reranker: byNumber, text: (film) => (film as { title: string }).title }),
    documents: films,
    query: 'q',
  });
  expect(seen.map(({ texts }) => texts[0])).toEqual(['title: Speed 2\nyear: 1997\ncast: ["Bullock"]', 'title: Speed 2', 'Speed 2']);
});

it('takes the signal of each call', async () => {
  const reason = new Error('the user left');
  const hanging = createReranker({ id: 'hanging', scale: 'logit', score: () => new Promise(() => {}) });
  const controller = new AbortController();
  const work = rerank({ model: rerankingModel({ reranker: hanging }), documents, query: 'q', abortSignal: controller.signal });
  controller.abort(reason);
  await expect(work).rejects.toBe(reason);
});

it('keeps the order where the reranker fails, and warns', async () => {
  const { rerankedDocuments, providerMetadata } = await rerank({
    model: rerankingModel({ reranker: failing(new TypeError('boom')) }),
    documents,
    query: 'q',
  });
  expect(rerankedDocuments).toEqual(documents);
  expect(providerMetadata).toMatchObject({ resift: { status: 'degraded', reason: 'unavailable', unscored: [0, 1, 2, 3] } });
});

it('lets the SDK retry what may pass, and nothing else', async () => {
  let calls = 0;
  const flaky = createReranker({
    id: 'flaky',
    scale: 'logit',
    async score(_, texts) {
      calls += 1;
      if (calls === 1) throw new ResiftError('rate_limited', 'slow down', { details: { retryAfterMs: 1 } });
      return { values: texts.map(() => 1) };
    },
  });
  const model = rerankingModel({ reranker: flaky, onFailure: 'throw' });
  expect((await rerank({ model, documents, query: 'q' })).ranking).toHaveLength(4);
  expect(calls).toBe(2);
  await expect(
    rerank({ model: rerankingModel({ reranker: failing(new TypeError('boom')), onFailure: 'throw' }), documents, query: 'q' }),
  ).rejects.toThrow('boom');
});

it('offers the newer specification', () => {
  expect(rerankingModel({ reranker: byNumber }).specificationVersion).toBe('v3');
  expect(rerankingModel({ reranker: byNumber, specificationVersion: 'v4' }).specificationVersion).toBe('v4');
});

it('makes a reranker of an SDK model, mapping by index, and refuses wrong ones', async () => {
  const answering = (ranking: { index: number; relevanceScore: number }[]) =>
    aiSdkReranker({ specificationVersion: 'v3', provider: 'p', modelId: 'm', doRerank: async () => ({ ranking }) });
  const given = documents.map((text, i) => ({ id: `${i}`, text }));
  const { items, skipped } = await answering([
    { index: 2, relevanceScore: 0.9 },
    { index: 0, relevanceScore: 0.1 },
  ]).rerank('q', given);
  expect(items.map(({ index }) => index)).toEqual([2, 0]);
  expect(skipped).toEqual([given[1], given[3]]);
  await expect(answering([{ index: 9, relevanceScore: 1 }]).rerank('q', given)).rejects.toMatchObject({ code: 'bad_output' });
  await expect(
    answering([
      { index: 1, relevanceScore: 1 },
      { index: 1, relevanceScore: 1 },
    ]).rerank('q', given),
  ).rejects.toMatchObject({ code: 'bad_output' });
});

it('refuses bad input', async () => {
  const model = rerankingModel({ reranker: byNumber });
  await expect(rerank({ model, documents, query: ' ' })).rejects.toMatchObject({ code: 'invalid_input' });
  expect(() => rerankingModel({ reranker: {} as never })).toThrow('reranker');
});
