import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Reranker } from '@resift/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cohereReranker } from './hosted-cohere.ts';
import { compatibleReranker } from './hosted-compatible.ts';
import { jinaReranker } from './hosted-jina.ts';
import { mixedbreadReranker } from './hosted-mixedbread.ts';
import { pineconeReranker } from './hosted-pinecone.ts';
import { endpointOf, type HostedOptions } from './hosted-reranker.ts';
import { teiReranker } from './hosted-tei.ts';
import { voyageReranker } from './hosted-voyage.ts';

const replies = JSON.parse(readFileSync(new URL('../fixtures/hosted/replies.json', import.meta.url), 'utf8')) as Record<string, unknown>;
const TEXTS = ['Bananas are rich in potassium.', 'Berlin is the capital of Germany.', 'Paris is the capital of France.'];
const documents = TEXTS.map((text, i) => ({ id: `d${i}`, text }));
const QUERY = 'capital of France';

interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}
let answer: (asked: Asked) => unknown;
let asked: Asked[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('end', () => {
        const one = { path: request.url!, headers: request.headers, body: JSON.parse(Buffer.concat(pieces).toString('utf8')) };
        asked.push(one);
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(one)));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

type Make = (options: HostedOptions & { url: string }) => Reranker;
const bearer = { authorization: 'Bearer sk-1' };
const providers: [string, string, Make, string, object, object][] = [
  ['Cohere', 'cohere', cohereReranker, '/v2/rerank', bearer, { model: 'm', query: QUERY, documents: TEXTS }],
  ['Jina', 'jina', jinaReranker, '/v1/rerank', bearer, { model: 'm', query: QUERY, documents: TEXTS, return_documents: false }],
  [
    'Voyage',
    'voyage',
    voyageReranker,
    '/v1/rerank',
    bearer,
    { model: 'm', query: QUERY, documents: TEXTS, return_documents: false, truncation: true },
  ],
  [
    'Mixedbread',
    'mixedbread',
    mixedbreadReranker,
    '/v1/reranking',
    bearer,
    { model: 'm', query: QUERY, input: TEXTS, top_k: 3, return_input: false },
  ],
  [
    'Pinecone',
    'pinecone',
    pineconeReranker,
    '/rerank',
    { 'api-key': 'sk-1', 'x-pinecone-api-version': '2025-04' },
    {
      model: 'm',
      query: QUERY,
      documents: TEXTS.map((text, i) => ({ id: String(i), text })),
      top_n: 3,
      return_documents: false,
      parameters: { truncate: 'END' },
    },
  ],
  ['TEI', 'tei', teiReranker, '/rerank', bearer, { query: QUERY, texts: TEXTS, raw_scores: true, return_text: false, truncate: true }],
  ['vLLM', 'vllm', compatibleReranker, '/v1/rerank', bearer, { model: 'm', query: QUERY, documents: TEXTS, top_n: 3 }],
  [
    'Infinity',
    'infinity',
    (options) => compatibleReranker({ ...options, path: '/rerank', scale: 'logit', body: { raw_scores: true } }),
    '/rerank',
    bearer,
    { model: 'm', query: QUERY, documents: TEXTS, top_n: 3, raw_scores: true },
  ],
];

describe.each(providers)('%s', (_, name, make, path, headers, body) => {
  it('asks as documented and maps the reply by index', async () => {
    asked = [];
    answer = () => replies[name];
    const { items, usage } = await make({ model: 'm', key: 'sk-1', url }).rerank(QUERY, documents);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ path, headers });
    expect(asked[0]!.body).toEqual(body);
    expect(items[0]).toMatchObject({ index: 2, document: documents[2] });
    expect(items).toHaveLength(3);
    expect(usage.calls).toBe(1);
    expect(usage.inputTokens).toBeGreaterThan(0);
  });

  it('splits what is too much for one request, and merges', async () => {
    asked = [];
    // Each text is its score; the reply is shuffled.
    answer = ({ body }) => {
      const list = (body['documents'] ?? body['input'] ?? body['texts']) as (string | { text: string })[];
      const scored = list.map((text, index) => ({ index, score: Number(typeof text === 'string' ? text : text.text) })).reverse();
      return Array.isArray(replies[name]) ? scored : { data: scored };
    };
    const many = Array.from({ length: 25 }, (_, i) => ({ id: `${i}`, text: String((i * 7) % 25) }));
    const { items } = await make({ model: 'm', url, maxDocuments: 10, concurrency: 2 }).rerank(QUERY, many);
    expect(asked.map(({ body }) => ((body['documents'] ?? body['input'] ?? body['texts']) as unknown[]).length).toSorted()).toEqual([
      10, 10, 5,
    ]);
    expect(items.map(({ score }) => score)).toEqual([...Array(25).keys()].reverse());
    for (const { index, score } of items) expect(score).toBe((index * 7) % 25);
  });

  it.each<[string, unknown[]]>([
    ['a missing document', [0, 1]],
    ['a repeated index', [0, 1, 1]],
    ['an index out of range', [0, 1, 3]],
    ['a negative index', [0, 1, -1]],
    ['an index that is no whole number', [0, 1, 1.5]],
  ])('refuses %s', async (_, indexes) => {
    const list = indexes.map((index) => ({ index, score: 0.5 }));
    answer = () => (Array.isArray(replies[name]) ? list : { results: list });
    await expect(make({ model: 'm', url }).rerank(QUERY, documents)).rejects.toMatchObject({
      code: 'bad_output',
      details: { reason: 'bad_response' },
    });
  });

  it('refuses a score that is no number', async () => {
    for (const score of [null, '0.5', undefined]) {
      const list = TEXTS.map((_, index) => ({ index, score }));
      answer = () => (Array.isArray(replies[name]) ? list : { results: list });
      await expect(make({ model: 'm', url }).rerank(QUERY, documents)).rejects.toMatchObject({ code: 'bad_output' });
    }
  });

  it('sends no blank text, and keeps to a budget', async () => {
    asked = [];
    answer = ({ body }) => {
      const list = (body['documents'] ?? body['input'] ?? body['texts']) as unknown[];
      const scored = list.map((_, index) => ({ index, score: 1 - index / 10 }));
      return Array.isArray(replies[name]) ? scored : { results: scored };
    };
    const given = ['first text', ' \n', 'third text', 'x'.repeat(3000)].map((text, i) => ({ id: `${i}`, text }));
    const { items, skipped } = await make({ model: 'm', url }).rerank(QUERY, given, { tokenBudget: 100 });
    expect(items.map(({ index }) => index)).toEqual([0, 2]);
    expect(skipped).toEqual([given[1], given[3]]);
    asked = [];
    expect((await make({ model: 'm', url }).rerank(QUERY, given.slice(1, 2))).skipped).toHaveLength(1);
    expect(asked).toEqual([]);
  });
});

it('refuses options that make no sense', () => {
  expect(() => cohereReranker({ model: '' })).toThrow('name of a model');
  expect(() => cohereReranker({ model: 'm', maxDocuments: 0 })).toThrow('maxDocuments');
  expect(() => teiReranker({ model: 'm', url: 'localhost' })).toThrow('URL');
});

it.each([
  ['http://h', '/v1/rerank', 'http://h/v1/rerank'],
  ['http://h/', '/v1/rerank', 'http://h/v1/rerank'],
  ['http://h/v1', '/v1/rerank', 'http://h/v1/rerank'],
  ['http://h/v1/rerank/', '/v1/rerank', 'http://h/v1/rerank'],
  ['http://h/proxy', '/rerank', 'http://h/proxy/rerank'],
])('joins %s and %s', (base, path, whole) => {
  expect(endpointOf(base, path)).toBe(whole);
});
