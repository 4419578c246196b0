import { openMemoryStore } from '@resift/retrieval/stores/memory';
import { openPostgresStore } from '@resift/retrieval/stores/postgres';
import type { Store } from '@resift/retrieval/stores/store';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type PostgresServer, startPostgres } from '../postgres/postgres-server.ts';
import { hashingEmbedder, wordTokenizer } from './hashing-embedder.ts';

// What the PostgreSQL store promises beyond the laws of every store (`postgres.test.ts`).
let server: PostgresServer;
const stores: Store[] = [];
beforeAll(async () => {
  server = await startPostgres();
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});
afterAll(() => server.stop());

const setup = { embedder: hashingEmbedder(), tokenizer: wordTokenizer, chunking: { maxTokens: 40 } };
async function open(schema: string, change: Partial<Parameters<typeof openPostgresStore>[0]> = {}): Promise<Store> {
  const store = await openPostgresStore({ ...setup, url: server.url, schema, ...change });
  stores.push(store);
  return store;
}
async function ask<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  const client = new pg.Client(server.url);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}
const found = async (store: Store, leg: 'bm25' | 'dense', query: string, topK = 10, filter = {}) =>
  (await store.retriever('c', leg).retrieve(query, { topK, filter })).map(({ document, score }) => [document.id, score] as const);

it('scores words as the in-memory index does, whatever is cut off early', async () => {
  const own = openMemoryStore(setup);
  const store = await open('bm25');
  // Few words, some of them everywhere, so that rare and common terms meet.
  const common = fc.constantFrom(...'the ski trip town snow ice a of lake hut aspen basel'.split(' '));
  const rare = fc.constantFrom(...Array.from({ length: 300 }, (_, i) => `rare${i}`));
  const word = fc.oneof({ weight: 3, arbitrary: common }, { weight: 1, arbitrary: rare });
  const texts = fc.sample(fc.array(word, { minLength: 3, maxLength: 25 }), { numRuns: 300, seed: 7 }).map((words) => words.join(' '));
  const documents = texts.map((text, i) => ({ id: `d${i}`, text: `${text}.`, metadata: { half: i % 2 } }));
  for (const target of [own, store]) {
    await target.put('c', documents);
    for (let i = 0; i < 300; i += 7) await target.delete('c', `d${i}`);
    await target.put(
      'c',
      documents.slice(0, 20).map(({ id }) => ({ id, text: 'Snow in the hut, rare1 snow.' })),
    );
  }
  for (const query of [
    ...fc.sample(fc.array(word, { minLength: 1, maxLength: 6 }), { numRuns: 40, seed: 3 }).map((words) => words.join(' ')),
    'rare1 snow',
  ]) {
    for (const topK of [1, 5, 300]) {
      const [expected, got] = [await found(own, 'bm25', query, topK), await found(store, 'bm25', query, topK)];
      expect(
        got.map(([id]) => id),
        query,
      ).toEqual(expected.map(([id]) => id));
      for (const [i, [, score]] of got.entries()) expect(score).toBeCloseTo(expected[i]![1], 10);
    }
  }
  expect(await found(store, 'bm25', 'snow', 10, { half: 1 })).toEqual(
    (await found(own, 'bm25', 'snow', 10, { half: 1 })).map(([id, score]) => [id, expect.closeTo(score, 10)]),
  );
});

it('serves and fills one database from many servers at once', async () => {
  // Opened at the same time: the schema is made once.
  const replicas = await Promise.all(Array.from({ length: 4 }, () => open('many')));
  await Promise.all(
    replicas.map((store, r) =>
      store.put(
        'c',
        Array.from({ length: 30 }, (_, i) => ({ id: `d${i}`, text: `Version ${r} of number${i}.` })),
      ),
    ),
  );
  expect(await replicas[3]!.collections()).toEqual([{ name: 'c', documents: 30, chunks: 30 }]);
  for (const store of replicas) expect(await found(store, 'bm25', 'number7')).toHaveLength(1);
  expect(await replicas[0]!.delete('c', 'd7')).toBe(true);
  for (const store of replicas) expect(await found(store, 'bm25', 'number7')).toEqual([]);
  const [counted] = await ask<{ n: string }>(`SELECT count(*) AS n FROM many.terms t WHERE passages <> (
    SELECT count(*) FROM many.passages p WHERE p.collection = t.collection AND p.counts ? t.term)`);
  expect(counted).toEqual({ n: '0' });
});

it('keeps tenants in schemas of their own', async () => {
  const [a, b] = [await open('tenant_a'), await open('tenant-b')];
  await a.put('c', [{ id: 'x', text: 'The gorilla sleeps.' }]);
  const alone = await found(a, 'bm25', 'gorilla');
  await b.put(
    'c',
    Array.from({ length: 20 }, (_, i) => ({ id: `x${i}`, text: 'gorilla gorilla' })),
  );
  expect(await found(a, 'bm25', 'gorilla')).toEqual(alone);
  expect(await a.get('c', 'x1')).toBeUndefined();
  await expect(open('a"; DROP SCHEMA tenant_a; --')).rejects.toMatchObject({ code: 'invalid_config' });
});

it('searches a large collection through an index that finds the same, and a filter exactly', async () => {
  const exact = await open('hnsw');
  await exact.put(
    'c',
    Array.from({ length: 400 }, (_, i) => ({ id: `d${i}`, text: `word${i % 50} and word${i % 70}`, metadata: { n: i % 100 } })),
  );
  const query = 'word7 and word20';
  const expected = await found(exact, 'dense', query, 50);
  const indexing = await open('hnsw', { indexVectorsFrom: 100 });
  await indexing.put('c', [{ id: 'last', text: 'something else entirely' }]);
  await vi.waitFor(
    async () =>
      expect(
        await ask(
          `SELECT 1 FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid WHERE k.relname LIKE 'passages_vector_%' AND i.indisvalid`,
        ),
      ).toHaveLength(1),
    { timeout: 30_000 },
  );
  const through = await found(indexing, 'dense', query, 50);
  const scores = (list: typeof expected) => list.map(([, score]) => Math.round(score * 1e5));
  expect(scores(through)).toEqual(scores(expected));
  expect(await found(indexing, 'dense', query, 10, { n: 7 })).toHaveLength(4);
});

it('refuses vectors of another model by name, serves the words, and reindexes in one step', async () => {
  const old = await open('models');
  await old.put('c', [
    { id: 'a', text: 'The gorilla sleeps.' },
    { id: 'b', text: 'Fruit.', title: 'T' },
  ]);
  const before = await old.get('c', 'b');
  const store = await open('models', { embedder: hashingEmbedder('another', 32) });
  await expect(found(store, 'dense', 'gorilla')).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining('resift reindex c'),
  });
  await expect(store.put('c', [{ text: 'more' }])).rejects.toMatchObject({ details: { reason: 'embedder_mismatch' } });
  expect(await found(store, 'bm25', 'gorilla')).toHaveLength(1);
  const seen: number[] = [];
  const reading = (async () => {
    for (let i = 0; i < 10; i++) seen.push((await found(store, 'bm25', 'gorilla')).length);
  })();
  expect(await store.reindex('c')).toEqual({ documents: 2, chunks: 2 });
  await reading;
  expect(new Set(seen)).toEqual(new Set([1]));
  expect((await found(store, 'dense', 'gorilla'))[0]![0]).toBe('a#0');
  expect(await store.get('c', 'b')).toEqual(before);
  expect((await store.collections()).map(({ name }) => name)).toEqual(['c']);
});

it('keeps token vectors with their passages, and gives none of another text or model', async () => {
  const model = (id: string) => ({
    id,
    dimensions: 64,
    tokenDimensions: 2,
    embed: setup.embedder.embed,
    encode: async (texts: readonly string[]) => ({
      encodings: texts.map((text) => ({
        sentence: new Float32Array(64).fill(0.1),
        tokens: { count: 2, dimensions: 2, data: Float32Array.of(1, 0, 0, text.length / 100) },
        truncated: false,
      })),
      usage: {},
    }),
  });
  const keeping = (id: string) => open('tokens', { embedder: model(id), tokenEmbedder: model(id) });
  const store = await keeping('one');
  await store.put('c', [{ id: 'a', text: 'The gorilla sleeps.' }]);
  const [hit] = await store.retriever('c', 'bm25').retrieve('gorilla', { topK: 1 });
  const { id, text } = hit!.document;
  const [kept, stale] = await store.encodings!('c', [
    { id, text },
    { id, text: `${text} And more.` },
  ]);
  expect([kept?.tokens.count, stale]).toEqual([2, undefined]);
  expect((await store.collections())[0]!.tokenVectors).toBe('kept');
  const other = await open('tokens', { embedder: model('one'), tokenEmbedder: model('two') });
  expect(await other.encodings!('c', [{ id, text }])).toEqual([undefined]);
  expect((await other.collections())[0]!.tokenVectors).toBe('other model');
});

it('keeps what was acknowledged through a kill -9 of the server, and works again by itself', async () => {
  const store = await open('crash');
  const acknowledged: string[] = [];
  const writing = (async () => {
    for (let i = 0; ; i++) {
      await store.put('c', [{ id: `d${i}`, text: `Number${i} of many.` }]);
      acknowledged.push(`d${i}`);
    }
  })();
  const stopped = expect(writing).rejects.toMatchObject({ code: 'unavailable' });
  await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(10), { timeout: 30_000 });
  await server.kill();
  await stopped;
  await expect(store.get('c', 'd0')).rejects.toMatchObject({ code: 'unavailable' });
  await server.start();
  await vi.waitFor(() => store.get('c', 'd0'), { timeout: 10_000 });
  for (const id of acknowledged) {
    expect((await store.get('c', id))?.chunks).toBe(1);
    expect(await found(store, 'bm25', `number${id.slice(1)}`)).toHaveLength(1);
  }
  await store.put('c', [{ id: 'after', text: 'After the crash.' }]);
  expect(await found(store, 'bm25', 'crash')).toHaveLength(1);
});

it('answers in time where the database hangs', async () => {
  const store = await open('hang');
  await store.put('c', [{ id: 'a', text: 'The gorilla sleeps.' }]);
  const blocking = new pg.Client(server.url);
  await blocking.connect();
  await blocking.query('BEGIN; LOCK TABLE hang.passages');
  try {
    await expect(found(store, 'bm25', 'gorilla')).rejects.toMatchObject({ code: 'unavailable' });
    const reason = new Error('the user left');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    await expect(store.retriever('c', 'bm25').retrieve('gorilla', { topK: 1, signal: controller.signal })).rejects.toBe(reason);
  } finally {
    await blocking.end();
  }
  expect(await found(store, 'bm25', 'gorilla')).toHaveLength(1);
});

it('says at the start what is wrong with the setting', async () => {
  const at = (url: string) => openPostgresStore({ ...setup, url, schema: 's' });
  await expect(at('postgres://postgres:secret@127.0.0.1:1/postgres')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.not.stringContaining('secret'),
  });
  await expect(at(server.url.replace('/postgres', '/nowhere'))).rejects.toMatchObject({ code: 'invalid_config' });
  await ask('CREATE ROLE reader LOGIN');
  await expect(at(server.url.replace('postgres@', 'reader@'))).rejects.toMatchObject({ code: 'invalid_config' });
  await open('newer');
  await ask('INSERT INTO newer.migrations (version) VALUES (99)');
  await expect(open('newer')).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringContaining('newer resift') });
});
