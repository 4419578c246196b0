import { createReranker, ResiftError } from '@resift/core';
import { labelled } from '@resift/reranker/labelled';
import { describe, expect, it } from 'vitest';
import { testClient } from '../testing/client.ts';
import { overlap } from '../testing/fake-services.ts';

const QUERY = 'green mask';
const TEXTS = ['a ski town', 'a mask', 'the green mask'];
const bodies: Record<string, (texts: readonly unknown[], rest?: object) => object> = {
  '/v2/rerank': (documents, rest) => ({ model: 'resift-mini', query: QUERY, documents, ...rest }),
  '/v1/rerank': (documents, rest) => ({ model: 'resift-mini', query: QUERY, documents, ...rest }),
  '/rerank': (texts, rest) => ({ query: QUERY, texts, ...rest }),
};
const with_ = (score: Parameters<typeof createReranker<'probability'>>[0]['score']) => ({
  rerankers: new Map([['resift-mini', { reranker: createReranker({ id: 'bad', scale: 'probability', score }) }]]),
});

it('answers as Cohere v2', async () => {
  const { status, json, headers } = await testClient().post(
    '/v2/rerank',
    bodies['/v2/rerank']!(TEXTS, { top_n: 2, unknown: 'ignored', priority: 1 }),
  );
  expect(status).toBe(200);
  expect(json).toEqual({
    id: expect.any(String),
    results: [
      { index: 2, relevance_score: 1 },
      { index: 1, relevance_score: 0.5 },
    ],
    meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } },
  });
  expect(headers.get('rerank-status')).toBe('applied');
});

it('cuts documents to max_tokens_per_doc and says how many', async () => {
  const { json } = await testClient().post(
    '/v2/rerank',
    bodies['/v2/rerank']!(['the town of the green mask', 'mask'], { max_tokens_per_doc: 2 }),
  );
  expect(json.results).toEqual([
    { index: 1, relevance_score: 0.5 },
    { index: 0, relevance_score: 0 },
  ]);
  expect(json.meta.warnings).toEqual(['1 document(s) were cut to 2 tokens.']);
});

it('answers as Cohere v1 and Jina', async () => {
  const { post } = testClient();
  const { json } = await post(
    '/v1/rerank',
    bodies['/v1/rerank']!([{ text: TEXTS[0] }, TEXTS[1], { text: TEXTS[2], title: 'x' }], { return_documents: true, top_n: 1 }),
  );
  expect(json).toEqual({
    id: expect.any(String),
    model: 'resift-mini',
    results: [{ index: 2, relevance_score: 1, document: { text: 'the green mask' } }],
    meta: { api_version: { version: '1' }, billed_units: { search_units: 1 } },
    usage: { total_tokens: 3, prompt_tokens: 3 },
  });
  expect((await post('/v1/rerank', bodies['/v1/rerank']!(TEXTS))).json.results[0]).not.toHaveProperty('document');
});

it('says scores in words where a caller of /v1/rerank asks for it', async () => {
  const plain = overlap('words', 'probability');
  const reranker = labelled(plain, { veryLikely: 0.9, likely: 0.5 });
  const { post } = testClient({ services: { rerankers: new Map([['resift-mini', { reranker }]]) } });
  const { json } = await post('/v1/rerank', bodies['/v1/rerank']!(TEXTS, { return_labels: true }));
  expect(json.results.map(({ label }: { label: string }) => label)).toEqual(['very likely', 'likely', 'unlikely']);
  expect((await post('/v1/rerank', bodies['/v1/rerank']!(TEXTS))).json.results[0]).not.toHaveProperty('label');
});

it('answers as text-embeddings-inference', async () => {
  const { post } = testClient();
  expect((await post('/rerank', bodies['/rerank']!(TEXTS))).json).toEqual([
    { index: 2, score: 1 },
    { index: 1, score: 0.5 },
    { index: 0, score: 0 },
  ]);
  expect((await post('/rerank', bodies['/rerank']!(['mask'], { return_text: true, raw_scores: true, truncate: null }))).json).toEqual([
    { index: 0, score: 0.5, text: 'mask' },
  ]);
});

const messageIn: Record<string, (json: Record<string, never>) => unknown> = {
  '/v2/rerank': ({ message }) => message,
  '/v1/rerank': ({ message, detail }) => message === detail && message,
  '/rerank': ({ error, error_type }) => error_type && error,
};

describe.each(Object.keys(bodies))('%s', (path) => {
  const body = bodies[path]!;
  const list = path === '/rerank' ? 'texts' : 'documents';

  it.each([
    ['no documents', { [list]: [] }, 400, list],
    ['a document that is no text', { [list]: ['a', 3] }, 400, `${list}[1]`],
    ['an empty query', { query: '' }, 400, 'query'],
    ['a query of white space', { query: ' ' }, 422, 'query'],
    ['a query that is too long', { query: 'x'.repeat(8_001) }, 413, 'query'],
    ['too many documents', { [list]: Array.from({ length: 1_001 }, () => 'a') }, 413, list],
    ['an unknown model', { model: 'rerank-v3.5' }, 404, 'model'],
  ])('refuses %s in its own shape', async (_, rest, status, field) => {
    const { json, ...reply } = await testClient().post(path, { ...body(TEXTS), ...rest });
    expect(reply.status).toBe(status);
    expect(messageIn[path]!(json)).toContain(field);
    expect(messageIn[path]!(json)).not.toContain(`${field}: ${field}`);
  });

  it('refuses malformed JSON in its own shape', async () => {
    const { status, json } = await testClient().send('POST', path, '{"query": ');
    expect(status).toBe(400);
    expect(messageIn[path]!(json)).toContain('JSON');
  });

  it.each([
    ['throws', 503, async () => Promise.reject(new Error('boom'))],
    ['scores not all', 503, async (_: string, texts: readonly string[]) => ({ values: texts.map((__, i) => (i === 0 ? undefined : 0.5)) })],
    ['gives NaN', 503, async (_: string, texts: readonly string[]) => ({ values: texts.map(() => Number.NaN) })],
    ['is late', 504, () => new Promise<never>(() => {})],
    ['is full', 429, async () => Promise.reject(new ResiftError('overloaded', 'Full.', { details: { retryAfterMs: 1_200 } }))],
  ])('never fails open: a reranker that %s is a %i', async (_, status, score) => {
    const client = testClient({ services: with_(score as never) });
    const { limits } = (await import('../config.ts')).readConfig({}, {});
    const hasty = testClient({ services: with_(score as never), config: { limits: { ...limits, rerankMs: 30 } } });
    const reply = await (status === 504 ? hasty : client).post(path, body(TEXTS));
    expect(reply.status).toBe(status);
    expect(messageIn[path]!(reply.json)).toBeTruthy();
    expect(reply.text).not.toContain('boom');
    if (status !== 504) expect(reply.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  });

  it('scores a thousand documents', async () => {
    const { status, json } = await testClient().post(
      path,
      body(Array.from({ length: 1_000 }, (_, i) => (i === 777 ? 'green mask' : 'town'))),
    );
    expect(status).toBe(200);
    const results = path === '/rerank' ? json : json.results;
    expect(results).toHaveLength(1_000);
    expect(results[0].index).toBe(777);
  });
});
