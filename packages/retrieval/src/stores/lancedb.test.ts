import { mkdtemp, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Embedder, Tokenizer } from '@resift/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLanceStore } from './lancedb.ts';
import type { Store } from './store.ts';

const tokenizer: Tokenizer = {
  count: (text) => text.split(/\s+/).length,
  truncate: (text, tokens) => text.split(/\s+/).slice(0, tokens).join(' '),
};
const letters = (dimensions: number, id = `letters-${dimensions}`): Embedder => ({
  id,
  dimensions,
  embed: async (texts) => ({
    vectors: texts.map((text) => {
      const vector = new Float32Array(dimensions).fill(0.01);
      for (const letter of text.toLowerCase()) vector[letter.codePointAt(0)! % dimensions]! += 1;
      const length = Math.hypot(...vector);
      return vector.map((value) => value / length);
    }),
    usage: {},
  }),
});

let directory: string;
const opened: Store[] = [];
const open = async (embedder = letters(16)) => {
  const store = await openLanceStore({ directory, embedder, tokenizer, chunking: { maxTokens: 12, overlapTokens: 0 } });
  opened.push(store);
  return store;
};
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'resift-lance-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await rm(directory, { recursive: true, force: true });
});

const documents = Array.from({ length: 30 }, (_, i) => ({
  id: `d${i}`,
  text: `Passage ${i} tells of gulls and ships. ${'And of much more, too. '.repeat(i % 4)}`,
  metadata: { even: i % 2 === 0 },
}));
const both = async (store: Store, query: string, options = {}) => [
  await store.retriever('c', 'bm25').retrieve(query, { topK: 20, ...options }),
  await store.retriever('c', 'dense').retrieve(query, { topK: 20, ...options }),
];

it('answers after it was opened again as before, filters included', async () => {
  const store = await open();
  await store.put('c', documents);
  await store.put('c', [{ id: 'd3', text: 'Replaced by whales.' }]);
  await store.delete('c', 'd4');
  const before = [
    await both(store, 'gulls and whales'),
    await both(store, 'ships', { filter: { even: true } }),
    await store.get('c', 'd5'),
    await store.collections(),
  ];
  await store.close();
  const again = await open();
  expect([
    await both(again, 'gulls and whales'),
    await both(again, 'ships', { filter: { even: true } }),
    await again.get('c', 'd5'),
    await again.collections(),
  ]).toEqual(before);
});

it('merges the files of many small writes, and loses nothing', async () => {
  const store = await open();
  for (let i = 0; i < 70; i++) await store.put('c', [{ id: `d${i % 50}`, text: `Version ${i} of document${i % 50}.` }]);
  await store.put('c', [{ id: 'last', text: 'The last.' }]);
  await store.close();
  const again = await open();
  expect((await again.collections())[0]).toEqual({ name: 'c', documents: 51, chunks: 51 });
  expect((await again.retriever('c', 'bm25').retrieve('document7', { topK: 2 })).map(({ document }) => document.text)).toEqual([
    'Version 57 of document7.',
  ]);
});

describe('one writer', () => {
  it('refuses a second store on the directory, and any call after close', async () => {
    const store = await open();
    await expect(open()).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(`process ${process.pid}`) });
    await store.close();
    await store.close();
    await expect(store.put('c', documents)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('closed') });
    await expect(store.get('c', 'd1')).rejects.toMatchObject({ code: 'unavailable' });
    await open();
  });

  it('stops writing the moment its lock is somebody else’s', async () => {
    const store = await open();
    await store.put('c', documents.slice(0, 1));
    await writeFile(join(directory, 'resift.lock'), JSON.stringify({ pid: 1, started: 'x', host: 'other', token: 'theirs' }));
    await expect(store.put('c', documents.slice(1, 2))).rejects.toMatchObject({ code: 'conflict', details: { pid: 1 } });
    expect(await store.get('c', 'd1')).toBeUndefined();
  });
});

describe('a reader', () => {
  it('takes up what the writer commits: documents, replacements, deletions, reindexing, collections; and writes nothing', async () => {
    const writer = await open();
    await writer.put('c', documents);
    const reader = await openLanceStore({ directory, embedder: letters(16), tokenizer, lock: false, followMs: 0 });
    opened.push(reader);
    const texts = async (query: string) =>
      (await reader.retriever('c', 'bm25').retrieve(query, { topK: 5 })).map(({ document }) => document.text);
    expect(await both(reader, 'gulls and ships')).toEqual(await both(writer, 'gulls and ships'));
    const versions = new Set([await reader.version('c')]);

    const changes: [() => Promise<unknown>, () => Promise<boolean>][] = [
      [() => writer.put('c', [{ id: 'w', text: 'Whales.' }]), async () => (await texts('whales')).includes('Whales.')],
      [
        () => writer.put('c', [{ id: 'w', text: 'Walruses.' }]),
        async () => (await texts('whales')).length === 0 && (await texts('walruses')).length === 1,
      ],
      [() => writer.delete('c', 'w'), async () => (await texts('walruses')).length === 0],
      [() => writer.reindex('c'), async () => (await both(reader, 'gulls')).every((found) => found.length === 20)],
    ];
    for (const [change, seen] of changes) {
      await change();
      await vi.waitUntil(seen, { timeout: 10_000 });
      versions.add(await reader.version('c'));
    }
    expect(versions.size).toBeGreaterThanOrEqual(4);
    await expect(reader.put('c', documents)).rejects.toMatchObject({ code: 'conflict', details: { reason: 'read_only' } });
    await expect(reader.delete('c', 'd1')).rejects.toMatchObject({ code: 'conflict' });
    await writer.deleteCollection('c');
    await expect(texts('gulls')).rejects.toMatchObject({ code: 'not_found' });
    await writer.put('other', documents);
    expect(await reader.collections()).toHaveLength(1);
  });
});

describe('vectors of another model', () => {
  it('refuse their leg and new documents, name the way out, and leave the words searchable', async () => {
    const first = await open();
    await first.put('c', documents);
    await first.close();
    const store = await open(letters(24));
    const refusal = {
      code: 'invalid_config',
      message: expect.stringMatching(/letters-16.*letters-24.*resift reindex c/s),
      details: { reason: 'embedder_mismatch' },
    };
    await expect(store.retriever('c', 'dense').retrieve('gulls', { topK: 3 })).rejects.toMatchObject(refusal);
    await expect(store.put('c', [{ id: 'new', text: 'New.' }])).rejects.toMatchObject(refusal);
    expect(await store.retriever('c', 'bm25').retrieve('gulls', { topK: 3 })).toHaveLength(3);

    const created = (await store.get('c', 'd5'))!.createdAt;
    const progress: number[] = [];
    const done = await store.reindex('c', { onProgress: (at) => progress.push(at.documents) });
    expect(done.documents).toBe(30);
    expect(progress.at(-1)).toBe(30);
    expect(await store.retriever('c', 'dense').retrieve('gulls', { topK: 3 })).toHaveLength(3);
    expect(await store.get('c', 'd5')).toMatchObject({ text: documents[5]!.text, metadata: { even: false }, createdAt: created });
    await store.put('c', [{ id: 'new', text: 'New.' }]);
    await store.close();
    expect((await (await open(letters(24))).collections())[0]).toMatchObject({ documents: 31 });
    expect((await readdir(directory)).sort()).toEqual(['c.lance', 'resift.lock']);
  });

  it('stay as they are where a reindexing is broken off', async () => {
    const first = await open();
    await first.put('c', documents);
    await first.close();
    const reason = new Error('enough');
    const store = await open(letters(24));
    await expect(store.reindex('c', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await store.close();
    expect(await both(await open(), 'gulls')).toMatchObject([{ length: 20 }, { length: 20 }]);
    expect((await readdir(directory)).sort()).toEqual(['c.lance', 'resift.lock']);
  });

  it.each([
    ['while the new table is being built', ['c.lance', 'c..new.lance']],
    ['between the two renames', ['c..old.lance', 'c..new.lance']],
    ['before the old table is removed', ['c.lance', 'c..old.lance']],
  ])('survive a crash %s', async (_, [kept, other]) => {
    const first = await open();
    await first.put('c', documents);
    await first.put('other', documents.slice(0, 3));
    await first.close();
    // The collection `other` stands for the half-built, or for the outdated, table.
    const whole = kept === 'c..old.lance' ? other! : kept!;
    const outdated = whole === kept ? other! : kept!;
    await rename(join(directory, 'c.lance'), join(directory, `${whole}.moving`));
    await rename(join(directory, 'other.lance'), join(directory, outdated));
    await rename(join(directory, `${whole}.moving`), join(directory, whole));
    expect(await (await open()).collections()).toEqual([{ name: 'c', documents: 30, chunks: expect.any(Number) }]);
  });
});

describe('a damaged table', () => {
  it.each(['data', '_versions'])('gives a typed error where a file in %s is cut off, and leaves other collections alone', async (part) => {
    const first = await open();
    await first.put('c', documents);
    await first.put('fine', documents);
    await first.close();
    const folder = join(directory, 'c.lance', part);
    for (const file of await readdir(folder)) await truncate(join(folder, file), 10);
    const store = await open();
    await expect(store.retriever('c', 'bm25').retrieve('gulls', { topK: 3 })).rejects.toMatchObject({
      name: 'ResiftError',
      code: expect.stringMatching(/corrupt|unavailable/),
    });
    expect(await store.retriever('fine', 'bm25').retrieve('gulls', { topK: 3 })).toHaveLength(3);
  });
});

it('refuses vectors that are not numbers, before anything is stored', async () => {
  const store = await open({
    ...letters(16),
    embed: async (texts) => ({ vectors: texts.map(() => new Float32Array(16).fill(Number.NaN)), usage: {} }),
  });
  await expect(store.put('c', documents)).rejects.toMatchObject({ code: 'bad_output' });
  expect(await store.collections()).toEqual([]);
});
