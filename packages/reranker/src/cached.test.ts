import { createReranker, type Document } from '@resift/core';
import { describe, expect, it } from 'vitest';
import { type CacheOptions, cached } from './cached.ts';
import { failOpen } from './fail-open.ts';
import { type KeyValue, memoryKeyValue, type RedisLike, redisKeyValue } from './key-value.ts';
import { labelled } from './labelled.ts';

const scored: string[][] = [];
const byLength = createReranker({
  id: 'by-length',
  scale: 'probability',
  async score(_, texts) {
    scored.push([...texts]);
    return {
      values: texts.map((text) => (text === 'nan' ? Number.NaN : text === '' ? undefined : text.length / 100)),
      usage: { inputTokens: texts.length },
    };
  },
});
const options = (more: Partial<CacheOptions> = {}): CacheOptions => ({
  store: memoryKeyValue(),
  tenant: 't',
  identity: ['model-1'],
  ...more,
});
const documents = (...texts: string[]): Document[] => texts.map((text, i) => ({ id: `d${i}`, text }));

describe('a cached reranker', () => {
  it('gives with the cache what it gives without, scoring only what is new', async () => {
    scored.length = 0;
    const plain = labelled(byLength, { veryLikely: 0.03, likely: 0.02 });
    const reranker = cached(plain, options());
    const first = await reranker.rerank('q', documents('a', 'bb', 'ccc'));
    const second = await reranker.rerank('q', documents('a', 'bb', 'ccc', 'dddd'));
    expect(first.items).toEqual((await plain.rerank('q', documents('a', 'bb', 'ccc'))).items);
    expect(second.items).toEqual((await plain.rerank('q', documents('a', 'bb', 'ccc', 'dddd'))).items);
    expect(scored.slice(0, 2)).toEqual([['a', 'bb', 'ccc'], ['dddd']]);
    expect(second.status).toMatchObject({ status: 'applied', cacheHits: 3 });
    expect(second.usage.inputTokens).toBe(1);
    expect(reranker.statistics()).toEqual({ hits: 3, misses: 4, failures: 0, hitRate: 3 / 7 });
  });

  it('scores the same document once per call', async () => {
    scored.length = 0;
    const twice = [documents('a')[0]!, documents('a')[0]!];
    expect((await cached(byLength, options()).rerank('q', twice)).items).toHaveLength(2);
    expect(scored).toEqual([['a']]);
  });

  it.each<[string, Partial<CacheOptions>, string, Document]>([
    ['tenant', { tenant: 'u' }, 'q', { id: 'd0', text: 'a' }],
    ['model', { identity: ['model-2'] }, 'q', { id: 'd0', text: 'a' }],
    ['split of the identity', { identity: ['model', '-1'] }, 'q', { id: 'd0', text: 'a' }],
    ['query', {}, 'Q', { id: 'd0', text: 'a' }],
    ['id', {}, 'q', { id: 'd1', text: 'a' }],
    ['text', {}, 'q', { id: 'd0', text: 'b' }],
  ])('never gives a score of another %s', async (_, other, query, document) => {
    const store = memoryKeyValue();
    await cached(byLength, options({ store })).rerank('q', documents('a'));
    const { status } = await cached(byLength, options({ store, ...other })).rerank(query, [document]);
    expect(status.cacheHits).toBe(0);
  });

  it('takes composed and decomposed letters of a query for the same', async () => {
    const store = memoryKeyValue();
    await cached(byLength, options({ store })).rerank('caf\u00e9', documents('a'));
    expect((await cached(byLength, options({ store })).rerank('cafe\u0301', documents('a'))).status.cacheHits).toBe(1);
  });

  it('keeps no score that is missing or not a number', async () => {
    scored.length = 0;
    const reranker = cached(byLength, options());
    const many = documents('nan', '', ...Array.from({ length: 20 }, (_, i) => 'x'.repeat(i + 1)));
    const plain = await byLength.rerank('q', many);
    scored.length = 0;
    for (const again of [await reranker.rerank('q', many), await reranker.rerank('q', many)]) {
      expect(again.items).toEqual(plain.items);
      expect(again.skipped).toEqual(plain.skipped);
      expect(again.status).toMatchObject({ status: 'partial', invalid: 1 });
    }
    expect(scored[1]).toEqual(['nan', '']);
  });

  it('lives without its store: one that fails, hangs or holds nonsense is as good as an empty one', async () => {
    const failing: KeyValue = { getMany: () => Promise.reject(new Error('down')), setMany: () => Promise.reject(new Error('down')) };
    const hanging: KeyValue = { getMany: () => new Promise(() => {}), setMany: () => new Promise(() => {}) };
    const nonsense = (value: string): KeyValue => ({ getMany: async (keys) => keys.map(() => value), setMany: async () => {} });
    const short: KeyValue = { getMany: async () => [], setMany: async () => {} };
    const wrong = [
      '',
      'null',
      '{"score":null}',
      '{"score":"9"}',
      '{"score":7}',
      '{"score":0.5,"grade":9}',
      '{"score":0.5,"label":"so so"}',
      '{"score":1e999}',
    ];
    for (const store of [failing, hanging, short, ...wrong.map(nonsense)]) {
      const reranker = cached(byLength, options({ store, storeTimeoutMs: 5 }));
      const { items, status } = await reranker.rerank('q', documents('a', 'bb'));
      expect(items.map(({ score }) => score)).toEqual([0.02, 0.01]);
      expect(status.cacheHits).toBe(0);
    }
  });

  it('passes on what became of the rest', async () => {
    let down = false;
    const flaky = createReranker({
      id: 'by-length',
      scale: 'probability',
      score: async (_, texts) => {
        if (down) throw new TypeError('boom');
        return { values: texts.map(() => 0.5) };
      },
    });
    const reranker = cached(failOpen(flaky), options());
    await reranker.rerank('q', documents('a'));
    down = true;
    const { items, skipped, status } = await reranker.rerank('q', documents('a', 'b'));
    expect([items.length, skipped.length]).toEqual([1, 1]);
    expect(status).toMatchObject({ status: 'partial', reason: 'unavailable', cacheHits: 1 });
    expect((await reranker.rerank('other', documents('a'))).status).toMatchObject({ status: 'degraded', reason: 'unavailable' });
  });

  it('refuses an order, and no time to live', () => {
    const ordinal = createReranker({ id: 'o', scale: 'ordinal', score: async () => ({ values: [] }) });
    expect(() => cached(ordinal as never, options())).toThrow('order');
    expect(() => cached(byLength, options({ ttlMs: 0 }))).toThrow('ttlMs');
  });
});

describe('in memory', () => {
  it('forgets after the time to live, and what was used longest ago', async () => {
    let now = 0;
    const store = memoryKeyValue({ maxEntries: 2, now: () => now });
    await store.setMany([['a', '1']], 100);
    await store.setMany([['b', '2']], 1000);
    await store.getMany(['a']);
    await store.setMany([['c', '3']], 1000);
    expect(await store.getMany(['a', 'b', 'c'])).toEqual(['1', undefined, '3']);
    now = 100;
    expect(await store.getMany(['a', 'c'])).toEqual([undefined, '3']);
  });
});

it('speaks to Redis in one round trip each way, under a prefix, and hears of a failed write', async () => {
  const said: unknown[][] = [];
  let failure: Error | null = null;
  const transaction = {
    set(...words: unknown[]) {
      said.push(words);
      return transaction;
    },
    exec: async (): Promise<[Error | null, unknown][]> => [[failure, 'OK']],
  };
  const client: RedisLike = {
    async mget(keys) {
      said.push(keys);
      return ['1', null];
    },
    multi: () => transaction,
  };
  const store = redisKeyValue(client, 'p:');
  expect(await store.getMany(['a', 'b'])).toEqual(['1', undefined]);
  await store.setMany([['a', '1']], 99.5);
  expect(await store.getMany([])).toEqual([]);
  expect(said).toEqual([
    ['p:a', 'p:b'],
    ['p:a', '1', 'PX', 100],
  ]);
  failure = new Error('READONLY');
  await expect(store.setMany([['a', '1']], 5)).rejects.toThrow('READONLY');
});
