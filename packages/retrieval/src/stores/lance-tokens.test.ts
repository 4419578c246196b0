import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@lancedb/lancedb';
import type { Document, TokenEmbedder, Tokenizer } from '@resift/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLanceStore } from './lancedb.ts';
import type { Store } from './store.ts';

const tokenizer: Tokenizer = { count: (text) => text.length, truncate: (text) => text };

/** One model that makes both kinds of vectors; its name is all that tells one from another. */
const model = (id: string) => {
  const encode: TokenEmbedder['encode'] = async (texts) => ({
    encodings: texts.map((text) => ({
      sentence: Float32Array.of(1, 0),
      tokens: { count: 2, dimensions: 2, data: Float32Array.of(1, 0, 0, text.length / 100) },
      truncated: false,
    })),
    usage: {},
  });
  const embed = async (texts: readonly string[]) => ({ vectors: texts.map(() => Float32Array.of(1, 0)), usage: {} });
  return { id, dimensions: 2, tokenDimensions: 2, encode, embed };
};

let directory: string;
const opened: Store[] = [];
const open = async (embedder = 'one', tokenEmbedder: string | undefined = undefined) => {
  const tokens = tokenEmbedder === undefined ? {} : { tokenEmbedder: model(tokenEmbedder) };
  const store = await openLanceStore({ directory, embedder: model(embedder), ...tokens, tokenizer, encodingBytes: 0 });
  opened.push(store);
  return store;
};
const closeAll = () => Promise.all(opened.splice(0).map((store) => store.close()));
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'resift-tokens-'));
});
afterEach(async () => {
  await closeAll();
  await rm(directory, { recursive: true, force: true });
});

const gulls: Document = { id: 'a#0', text: 'All about gulls.' };
const terns: Document = { id: 'b#0', text: 'All about terns.' };
const put = (store: Store, { id, text }: Document) => store.put('c', [{ id: id.slice(0, -2), text }]);
/** Whether the vectors of each are kept. */
const kept = async (store: Store) => (await store.encodings!('c', [gulls, terns])).map((encoding) => encoding !== undefined);
const says = async (store: Store) => (await store.collections())[0]!.tokenVectors;
const columns = async () => {
  const database = await connect(directory);
  const table = await database.openTable('c');
  const schema = await table.schema();
  table.close();
  return { tokens: schema.fields.some(({ name }) => name === 'tokens'), format: schema.metadata.get('resift.format') };
};

it('opens, serves and fills a table of format 1, and says that its token vectors are missing until it is reindexed', async () => {
  await put(await open(), gulls);
  expect(await says(opened[0]!)).toBeUndefined();
  expect(opened[0]!.encodings).toBeUndefined();
  await closeAll();
  expect(await columns()).toEqual({ tokens: false, format: '1' });

  const store = await open('one', 'one');
  await put(store, terns);
  expect(await store.retriever('c', 'dense').retrieve('gulls', { topK: 5 })).toHaveLength(2);
  expect(await kept(store)).toEqual([false, false]);
  expect(await says(store)).toBe('missing');
  await store.reindex('c');
  expect(await kept(store)).toEqual([true, true]);
  expect(await says(store)).toBe('kept');
  expect(await columns()).toEqual({ tokens: true, format: '2' });
});

it('keeps them over a restart, also of what replaced something, after files were merged', async () => {
  const first = await open('one', 'one');
  await put(first, terns);
  await put(first, { ...gulls, text: 'Of something else.' });
  await put(first, gulls);
  // So many that files are merged before it closes.
  await first.put(
    'c',
    Array.from({ length: 4_200 }, (_, i) => ({ id: `x${i}`, text: `Filler ${i}.` })),
  );
  await closeAll();
  expect(await kept(await open('one', 'one'))).toEqual([true, true]);
});

it('works on where nobody asks for them any more, and again where somebody does', async () => {
  await put(await open('one', 'one'), gulls);
  await closeAll();
  const without = await open('one');
  await put(without, terns);
  expect(await without.retriever('c', 'dense').retrieve('terns', { topK: 5 })).toHaveLength(2);
  await closeAll();
  const store = await open('one', 'one');
  expect(await kept(store)).toEqual([true, false]);
  await put(store, terns);
  expect(await kept(store)).toEqual([true, true]);
});

it('never gives those of another model, nor stores its own under that name, and says so', async () => {
  await put(await open('one', 'one'), gulls);
  await closeAll();
  const store = await open('one', 'two');
  expect(await says(store)).toBe('other model');
  await put(store, terns);
  expect(await kept(store)).toEqual([false, false]);
  await closeAll();
  const back = await open('one', 'one');
  expect(await kept(back)).toEqual([true, false]);
  await closeAll();
  const again = await open('one', 'two');
  await again.reindex('c');
  expect(await kept(again)).toEqual([true, true]);
});

it('makes sentence vectors with one model and token vectors with another where they differ', async () => {
  const store = await open('one', 'two');
  await put(store, gulls);
  expect(await store.retriever('c', 'dense').retrieve('gulls', { topK: 5 })).toHaveLength(1);
  expect(await kept(store)).toEqual([true, false]);
});
