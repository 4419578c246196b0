import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REVISION, startHub } from '@resift/models/testing/hub-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { folderReranker, hubReranker } from './cross-encoder-reranker.ts';
import { localReranker } from './local-reranker.ts';

const bert = new URL('../../models/fixtures/cross-encoders/bert/', import.meta.url).pathname;
const documents = ['the film', 'blue water', 'a red city'].map((text, i) => ({ id: `${i}`, text }));
let cacheFolder: string;
beforeAll(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'resift-hub-reranker-'));
});
afterAll(() => rm(cacheFolder, { recursive: true }));

it('ranks with a model of a hub, and later from the cache alone', async () => {
  const names = (await readdir(bert, { recursive: true })).filter((name) => /\.(json|txt|onnx)$/.test(name));
  const hub = await startHub(
    'acme/bert',
    Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(bert, name))]))),
  );
  const wanted = { model: 'acme/bert', revision: REVISION, endpoint: hub.endpoint, cacheFolder, workers: 1 };
  await using reranker = await hubReranker(wanted).finally(hub.close);
  const { items, scale } = await reranker.rerank('blue', documents);
  expect(reranker.id).toContain('acme/bert@aaaaaaaaaaaa');
  expect(scale).toBe('probability');
  await using again = await hubReranker({ ...wanted, offline: true });
  expect((await again.rerank('blue', documents)).items.map(({ score }) => score)).toEqual(items.map(({ score }) => score));

  await using local = await localReranker({ folder: bert, workers: 1 });
  expect((await local.rerank('blue', documents)).items.map(({ score }) => score)).toEqual(items.map(({ score }) => score));
  const { items: logits } = await reranker.raw.rerank('blue', documents);
  expect(items.map(({ score }) => score)).toEqual(logits.map(({ score }) => expect.closeTo(1 / (1 + Math.exp(-score)), 6)));
});

it('reads a long document whole where that is asked for', async () => {
  await using cut = await folderReranker(bert, { workers: 1 });
  await using whole = await folderReranker(bert, { workers: 1, longDocuments: 'maxPassage' });
  const long = [{ id: 'long', text: `${'the film star '.repeat(30)} blue water` }];
  expect((await cut.rerank('blue', long)).usage).toMatchObject({ truncated: 1, calls: 1 });
  const { usage, items } = await whole.rerank('blue', long);
  expect(usage.truncated).toBe(0);
  expect(usage.inputTokens).toBeGreaterThan(93);
  expect(items[0]!.document).toBe(long[0]);
});
