import { createReranker, ResiftError } from '@resift/core';
import { openMemoryStore } from '@resift/retrieval/stores/memory';
import type { Store } from '@resift/retrieval/stores/store';
import { describe, expect, it } from 'vitest';
import { hashingEmbedder, hashingTokenEmbedder, wordTokenizer } from '../../../../test/contracts/hashing-embedder.ts';
import { defaultLimits } from '../limits.ts';
import { FILMS, testClient } from '../testing/client.ts';
import { fakeServices, type overlap } from '../testing/fake-services.ts';

const QUERY = 'trip to Aspen with his friend Jim Carrey';

async function withFilms(options?: Parameters<typeof testClient>[0]) {
  const client = testClient(options);
  await client.post('/v1/documents', { documents: FILMS });
  return client;
}

const preset = (reranker: ReturnType<typeof overlap>, budgetMs = 800) => ({ presets: new Map([['balanced', { reranker, budgetMs }]]) });

it('finds, reranks and tells how', async () => {
  const { post } = await withFilms();
  const { status, json, headers } = await post('/v1/search', { query: QUERY });
  expect(status).toBe(200);
  expect(headers.get('rerank-status')).toBe('applied');
  expect(json.results.map(({ document_id }: { document_id: string }) => document_id)).toEqual(['dumb', 'mask', 'aspen']);
  expect(json.results[0]).toEqual({
    id: 'dumb#0',
    document_id: 'dumb',
    text: FILMS[0]!.text,
    title: 'Dumb and Dumber',
    metadata: { year: 1994 },
    score: expect.closeTo(0.875),
    scale: 'probability',
    first_stage: { rank: expect.any(Number), score: expect.any(Number) },
  });
  expect(json.rerank).toEqual({
    status: 'applied',
    reranker: 'mini@1',
    window: 3,
    scored: 3,
    invalid: 0,
    cacheHits: 0,
    budgetMs: 800,
    elapsedMs: expect.any(Number),
  });
  expect(json.retrieval.legs).toMatchObject({ bm25: { status: 'ok' }, dense: { status: 'ok' } });
  expect(json.timings.totalMs).toBeGreaterThanOrEqual(json.timings.rerankMs);
});

it('finds by late interaction where the store keeps token vectors', async () => {
  const store = openMemoryStore({ embedder: hashingEmbedder(), tokenEmbedder: hashingTokenEmbedder(), tokenizer: wordTokenizer });
  const { post, send } = await withFilms({ services: fakeServices({ store: async () => store }) });
  const late = { retriever: 'late', rerank: false };
  const { status, json } = await post('/v1/search', { query: 'Aspen is a ski town', ...late });
  expect(status).toBe(200);
  expect(json.results[0]).toMatchObject({ document_id: 'aspen', scale: 'first_stage', first_stage: { rank: 1 } });
  expect(json.retrieval.legs).toEqual({ late: { status: 'ok', found: 3, elapsedMs: expect.any(Number) } });
  expect((await post('/v1/search', { query: 'Aspen', retriever: 'late' })).json.rerank.status).toBe('applied');
  const asked = { messages: [{ role: 'user', content: 'Where does Jim Carrey travel with his friend?' }], retriever: 'late' };
  expect((await post('/v1/chat', asked)).json).toMatchObject({ abstained: false, retrieval: { legs: { late: { status: 'ok' } } } });
  const filtered = await post('/v1/search', { query: 'Aspen', ...late, filter: { year: 1994 } });
  expect(filtered.json.results.map(({ document_id }: { document_id: string }) => document_id).sort()).toEqual(['dumb', 'mask']);
  await send('DELETE', '/v1/documents/aspen');
  expect((await post('/v1/search', { query: 'Aspen is a ski town', ...late })).json.results).toHaveLength(2);
});

it('says why late interaction has to wait, and when to come back', async () => {
  const store = openMemoryStore({ embedder: hashingEmbedder(), tokenEmbedder: hashingTokenEmbedder(), tokenizer: wordTokenizer });
  const building = {
    id: 'late',
    retrieve: async () => Promise.reject(new ResiftError('unavailable', 'x', { details: { reason: 'building' } })),
  };
  const { post } = await withFilms({ services: fakeServices({ store: async () => ({ ...store, late: () => building }) }) });
  const { status, headers, json } = await post('/v1/search', { query: 'Aspen', retriever: 'late' });
  expect(status).toBe(503);
  expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(json.error).toMatchObject({ code: 'unavailable', details: { legs: { late: { status: 'failed', reason: 'building' } } } });
});

it('does as it is asked', async () => {
  const { post } = await withFilms();
  const off = await post('/v1/search', { query: QUERY, rerank: false, top_k: 1 });
  expect(off.json.rerank).toMatchObject({ status: 'disabled', scored: 0 });
  expect(off.headers.get('rerank-status')).toBe('disabled');
  expect(off.json.results).toMatchObject([{ scale: 'first_stage', first_stage: { rank: 1 } }]);
  expect((await post('/v1/search', { query: QUERY, rerank: 'resift-tiny' })).json.rerank.reranker).toBe('tiny@1');
  expect((await post('/v1/search', { query: QUERY, preset: 'fast' })).json.rerank).toMatchObject({ reranker: 'tiny@1', budgetMs: 200 });
  expect(Object.keys((await post('/v1/search', { query: QUERY, retriever: 'bm25' })).json.retrieval.legs)).toEqual(['bm25']);
  const filtered = await post('/v1/search', { query: QUERY, filter: { year: [2020, 2021] } });
  expect(filtered.json.results.map(({ document_id }: { document_id: string }) => document_id)).toEqual(['aspen']);
});

describe('a reranker that fails leaves the first-stage order, and says so', () => {
  const never = () => new Promise<never>(() => {});
  it.each([
    ['throws', 'unavailable', async () => Promise.reject(new Error('boom'))],
    ['hangs', 'deadline', never],
    ['gives NaN', 'invalid_scores', async (_: string, texts: readonly string[]) => ({ values: texts.map(() => Number.NaN) })],
    ['gives too few scores', 'bad_response', async () => ({ values: [1] })],
    ['is overloaded', 'overloaded', async () => Promise.reject(new ResiftError('overloaded', 'full'))],
  ])('%s: %s', async (_, reason, score) => {
    const { post } = await withFilms({ services: preset(createReranker({ id: 'bad@1', scale: 'probability', score }), 50) });
    const plain = await post('/v1/search', { query: QUERY, rerank: false });
    const { status, json, headers } = await post('/v1/search', { query: QUERY });
    expect(status).toBe(200);
    expect(json.rerank).toMatchObject({ status: 'degraded', reason, scored: 0 });
    expect(headers.get('rerank-status')).toBe(`degraded; reason=${reason}`);
    expect(json.results).toEqual(plain.json.results);
  });

  it('keeps what was scored before the deadline', async () => {
    const score = async (query: string, texts: readonly string[]) =>
      texts.length === 1 && texts[0]!.includes('ski') ? never() : { values: texts.map(() => query.length) };
    const { post } = await withFilms({
      services: {
        presets: new Map([['balanced', { reranker: createReranker({ id: 'slow', scale: 'logit', score }), budgetMs: 100, slice: 1 }]]),
      },
    });
    const { json } = await post('/v1/search', { query: QUERY });
    expect(json.rerank).toMatchObject({ status: 'partial', reason: 'deadline' });
    expect(json.results).toHaveLength(3);
    expect(json.results.at(-1)).not.toHaveProperty('score');
  });
});

it('turns away, before any work, the search for which too many wait already, and says when to come back', async () => {
  let [asked, open] = [0, () => {}];
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow = (store: Store): Store => ({
    ...store,
    retriever: (name, leg) => ({
      id: leg,
      async retrieve(query, options) {
        asked += 1;
        await opened;
        return store.retriever(name, leg).retrieve(query, options);
      },
    }),
  });
  const held = await fakeServices().store('x');
  const { post, get } = await withFilms({
    services: { store: async () => slow(held) },
    config: { workers: 1, limits: { ...defaultLimits, queuedRequests: 2 } },
  });
  const all = Array.from({ length: 9 }, (_, i) => post('/v1/search', { query: `${QUERY} ${i}`, retriever: 'bm25' }));
  const refused = await Promise.race(all);
  expect(refused.status).toBe(429);
  expect(refused.json.error).toMatchObject({ code: 'overloaded' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  open();
  const statuses = (await Promise.all(all)).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([...Array(6).fill(200), ...Array(3).fill(429)]);
  expect(asked).toBe(6);
  expect((await get('/metrics')).text).toContain('admission_rejected_total{stage="search",reason="queue_full"} 3');
});

it('answers from one leg where the other fails, and with 503 where both do', async () => {
  const failing = (legs: readonly string[]) => ({
    store: async () => {
      const store = await fakeServices().store('x');
      await store.put('default', FILMS);
      const bad = { id: 'bad', retrieve: async () => Promise.reject(new ResiftError('corrupt', 'damaged')) };
      return {
        ...store,
        retriever: (name: string, leg: 'bm25' | 'dense') => (legs.includes(leg) ? bad : store.retriever(name, leg)),
      } as ReturnType<typeof openMemoryStore>;
    },
  });
  const one = await testClient({ services: failing(['dense']) }).post('/v1/search', { query: QUERY });
  expect(one.json.retrieval.legs).toMatchObject({ bm25: { status: 'ok' }, dense: { status: 'failed', reason: 'corrupt' } });
  expect(one.json.results[0].document_id).toBe('dumb');
  const none = await testClient({ services: failing(['dense', 'bm25']) }).post('/v1/search', { query: QUERY });
  expect(none.status).toBe(503);
  expect(Number(none.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(none.json.error.code).toBe('unavailable');
});

it.each([
  [{}, 400, 'query'],
  [{ query: '' }, 400, 'query'],
  [{ query: 3 }, 400, 'query'],
  [{ query: ' \t' }, 422, 'query'],
  [{ query: 'a\u0000' }, 422, 'query'],
  [{ query: 'a\udc00' }, 422, 'query'],
  [{ query: 'x'.repeat(8_001) }, 413, 'query'],
  [{ query: 'a', topk: 3 }, 400, 'topk'],
  [{ query: 'a', top_k: 0 }, 400, 'top_k'],
  [{ query: 'a', top_k: -1 }, 400, 'top_k'],
  [{ query: 'a', top_k: 1.5 }, 400, 'top_k'],
  [{ query: 'a', top_k: '3' }, 400, 'top_k'],
  [{ query: 'a', candidates: 201 }, 400, 'candidates'],
  [{ query: 'a', candidates: 0 }, 400, 'candidates'],
  [{ query: 'a', retriever: 'magic' }, 400, 'retriever'],
  [{ query: 'a', retriever: 'late' }, 400, 'retriever'],
  [{ query: 'a', preset: 'nothing' }, 404, 'preset'],
  [{ query: 'a', rerank: 'nothing' }, 404, 'rerank'],
  [{ query: 'a', collection: 'nowhere' }, 404, 'collection'],
  [{ query: 'a', collection: '../../etc' }, 400, 'collection'],
  [{ query: 'a', filter: { year: {} } }, 400, 'filter.year'],
  [{ query: 'a', filter: [] }, 400, 'filter'],
])('refuses %.60j with %i at %s', async (body, status, field) => {
  const { post } = await withFilms();
  const reply = await post('/v1/search', body);
  expect([reply.status, reply.json.error.field]).toEqual([status, field]);
  expect(reply.json.error.request_id).toBe(reply.headers.get('x-request-id'));
});

it('takes a query at the limit', async () => {
  const { post } = await withFilms();
  expect((await post('/v1/search', { query: 'aspen '.repeat(1_333).padEnd(8_000, 'x'), candidates: 200, top_k: 200 })).status).toBe(200);
});
