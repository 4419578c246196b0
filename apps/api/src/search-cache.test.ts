import { createReranker, ResiftError } from '@resift/core';
import type { SearchOutcome } from '@resift/rag';
import type { Store } from '@resift/retrieval/stores/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { createSearchCache } from './search-cache.ts';
import { type Client, FILMS, type Reply, testClient } from './testing/client.ts';
import { fakeServices } from './testing/fake-services.ts';

const QUERY = 'trip to Aspen with his friend Jim Carrey';
const withFilms = async (options?: Parameters<typeof testClient>[0]) => {
  const client = testClient(options);
  await client.post('/v1/documents', { documents: FILMS });
  return client;
};
const cacheOf = ({ headers }: Reply) => headers.get('search-cache');
/** Everything but how long the request took. */
const body = ({ text }: Reply) => text.replace(/"timings":\{[^}]*\}/, '');
const ids = ({ json }: Reply) => json.results.map(({ document_id }: { document_id: string }) => document_id);

describe('a repeated search', () => {
  it('is answered from memory, byte for byte as the first, and counted', async () => {
    const { post, get } = await withFilms();
    const first = await post('/v1/search', { query: QUERY, filter: { year: [1994, 2020] } });
    const second = await post('/v1/search', { query: QUERY, filter: { year: [1994, 2020] } });
    expect([cacheOf(first), cacheOf(second)]).toEqual(['miss', 'hit']);
    expect(body(second)).toBe(body(first));
    expect(second.json.timings).toEqual({ retrieveMs: 0, rerankMs: 0, totalMs: expect.any(Number) });
    expect(second.headers.get('rerank-status')).toBe('applied');
    const metrics = (await get('/metrics')).text;
    expect(metrics).toContain('search_cache_total{result="hit"} 1');
    expect(metrics).toContain('rerank_pairs_total{source="model"} 3');
    expect(metrics).toContain('rerank_pairs_total{source="cache"} 3');
    expect(metrics).toMatch(/search_cache_bytes [1-9]/);
  });

  it('takes feedback under its own request id', async () => {
    const { post } = await withFilms();
    await post('/v1/search', { query: QUERY });
    await post('/v1/search', { query: QUERY }, { 'x-request-id': 'the-second' });
    const reply = await post('/v1/feedback', { request: 'the-second', result: 'dumb#0', kind: 'up' });
    expect(reply.status).toBe(200);
  });

  it('serves fewer results of what was found for more, and chat', async () => {
    const { post } = await withFilms();
    const whole = await post('/v1/search', { query: QUERY });
    const one = await post('/v1/search', { query: QUERY, top_k: 1 });
    expect(cacheOf(one)).toBe('hit');
    expect(one.json.results).toEqual(whole.json.results.slice(0, 1));
    const chat = await post('/v1/chat', { messages: [{ role: 'user', content: QUERY }] });
    expect(cacheOf(chat)).toBe('hit');
    expect(chat.json.sources[0].document_id).toBe('dumb');
  });

  it.each([
    ['query', { query: `${QUERY}?` }],
    ['filter', { filter: { year: 1994 } }],
    ['number of candidates', { candidates: 50 }],
    ['retriever', { retriever: 'bm25' }],
    ['reranker', { rerank: 'resift-tiny' }],
    ['preset', { preset: 'fast' }],
    ['wish to rerank', { rerank: false }],
    ['collection', { collection: 'other' }],
  ])('of another %s is another search', async (_, change) => {
    const { post } = await withFilms();
    await post('/v1/documents', { collection: 'other', documents: FILMS });
    await post('/v1/search', { query: QUERY });
    const asked = { query: QUERY, ...change };
    expect(cacheOf(await post('/v1/search', asked))).toBe('miss');
    expect(cacheOf(await post('/v1/search', asked))).toBe('hit');
    expect(cacheOf(await post('/v1/search', { query: QUERY }))).toBe('hit');
  });

  it('is the same in other Unicode forms and with the fields of its filter in another order', async () => {
    const { post } = await withFilms();
    await post('/v1/search', { query: 'Zürich', filter: { year: 1994, kind: 'x' } });
    const same = { query: 'Zürich'.normalize('NFD'), filter: { kind: 'x', year: 1994 } };
    expect(cacheOf(await post('/v1/search', same))).toBe('hit');
  });

  it('is made anew where memory for it is switched off', async () => {
    const { post } = await withFilms({ config: { searchCacheBytes: 0 } });
    const replies = [await post('/v1/search', { query: QUERY }), await post('/v1/search', { query: QUERY })];
    expect(replies.map(cacheOf)).toEqual([null, null]);
  });
});

describe('a change of the collection shows at once', () => {
  const aspen = { id: 'new', text: 'A trip to Aspen with his friend Jim Carrey.' };
  it.each<[string, (client: Client) => Promise<unknown>, string]>([
    ['a new document', ({ post }) => post('/v1/documents', { documents: [aspen] }), 'new'],
    ['a replaced document', ({ post }) => post('/v1/documents', { documents: [{ ...aspen, id: 'dumb', text: 'Whales.' }] }), 'mask'],
    ['a deleted document', ({ send }) => send('DELETE', '/v1/documents/dumb'), 'mask'],
    [
      'a collection that was deleted and made again',
      async ({ send, post }) => {
        await send('DELETE', '/v1/collections/default');
        await post('/v1/documents', { documents: [aspen] });
      },
      'new',
    ],
  ])('%s', async (_, change, best) => {
    const client = await withFilms();
    const before = await client.post('/v1/search', { query: QUERY });
    expect(ids(before)[0]).toBe('dumb');
    await change(client);
    const after = await client.post('/v1/search', { query: QUERY });
    expect(cacheOf(after)).toBe('miss');
    expect(ids(after)[0]).toBe(best);
  });

  it('a write that ends while a search runs: its old passages are not kept', async () => {
    const store = await fakeServices().store('x');
    await store.put('default', FILMS);
    let writing: Promise<unknown> | undefined;
    const slow: Store = {
      ...store,
      retriever: (name, leg) => ({
        ...store.retriever(name, leg),
        async retrieve(query, options) {
          const found = await store.retriever(name, leg).retrieve(query, options);
          writing ??= store.delete('default', 'dumb');
          await writing;
          return found;
        },
      }),
    };
    const { post } = testClient({ services: { store: async () => slow } });
    expect(ids(await post('/v1/search', { query: QUERY, retriever: 'bm25' }))).toContain('dumb');
    const next = await post('/v1/search', { query: QUERY, retriever: 'bm25' });
    expect([cacheOf(next), ids(next).includes('dumb')]).toEqual(['miss', false]);
  });
});

describe('what may turn out better next time is not kept', () => {
  const never = () => new Promise<never>(() => {});
  const reranker = (score: Parameters<typeof createReranker>[0]['score']) => createReranker({ id: 'bad', scale: 'probability', score });
  it.each<[string, Parameters<typeof createReranker>[0]['score'], object]>([
    ['degraded', async () => Promise.reject(new ResiftError('overloaded', 'full')), {}],
    ['partial', async (_, texts) => (texts[0]!.includes('ski') ? never() : { values: texts.map(() => 0.5) }), { slice: 1 }],
  ])('%s', async (status, score, more) => {
    const { post } = await withFilms({
      services: { presets: new Map([['balanced', { reranker: reranker(score), budgetMs: 60, ...more }]]) },
    });
    for (const reply of [await post('/v1/search', { query: QUERY }), await post('/v1/search', { query: QUERY })]) {
      expect([cacheOf(reply), reply.json.rerank.status]).toEqual(['miss', status]);
    }
  });

  it('an answer of one leg', async () => {
    const store = await fakeServices().store('x');
    await store.put('default', FILMS);
    const bad = { id: 'bad', retrieve: async () => Promise.reject(new ResiftError('corrupt', 'damaged')) };
    const halved: Store = { ...store, retriever: (name, leg) => (leg === 'dense' ? bad : store.retriever(name, leg)) };
    const { post } = testClient({ services: { store: async () => halved } });
    await post('/v1/search', { query: QUERY });
    expect(cacheOf(await post('/v1/search', { query: QUERY }))).toBe('miss');
  });
});

it('T3: one tenant never gets the search of another, of the same question over the same texts', async () => {
  const config = readConfig({}, { RESIFT_API_KEYS: 'acme:key-of-acme,beta:key-of-beta' });
  const [acme, beta] = [{ authorization: 'Bearer key-of-acme' }, { authorization: 'Bearer key-of-beta' }];
  // One store for both tenants: only the key of the cache keeps them apart here.
  const store = await fakeServices().store('x');
  await store.put('default', FILMS);
  const { post } = testClient({ config, services: { store: async () => store } });
  expect(cacheOf(await post('/v1/search', { query: QUERY }, acme))).toBe('miss');
  expect(cacheOf(await post('/v1/search', { query: QUERY }, beta))).toBe('miss');
  expect(cacheOf(await post('/v1/search', { query: QUERY }, acme))).toBe('hit');
});

it('never takes more room than it was given, and keeps what was asked for last', () => {
  const outcome = (characters: number) =>
    ({ results: [{ passage: { id: '', documentId: '', text: 'x'.repeat(characters) } }] }) as unknown as SearchOutcome;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(3_000))), fc.nat(12_000), (steps, room) => {
      const cache = createSearchCache(room);
      for (const [key, characters] of steps) {
        const kept = outcome(characters);
        cache.set(key, kept);
        expect(cache.bytes).toBeLessThanOrEqual(room);
        const size = 1_200 + 2 * characters;
        if (size <= room) expect(cache.get(key)).toBe(kept);
      }
    }),
  );
});
