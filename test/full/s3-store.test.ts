import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@resift/api/open-store';
import { openLanceStore } from '@resift/retrieval/stores/lancedb';
import { s3Bucket } from '@resift/retrieval/stores/s3-bucket';
import type { Store } from '@resift/retrieval/stores/store';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { clusteredTexts } from '../../packages/retrieval/fixtures/clustered-embedder.ts';
import { hashingEmbedder, hashingTokenEmbedder, wordTokenizer } from '../contracts/hashing-embedder.ts';
import { storeLaws } from '../contracts/store.ts';
import { encodingLaws } from '../contracts/store-encodings.ts';
import { lateEmbedder, lateLaws } from '../contracts/store-late.ts';
import { whenBuilt } from '../contracts/when-built.ts';
import { type S3Server, startS3 } from '../s3/s3-server.ts';

let server: S3Server;
let buckets = 0;
const folders: string[] = [];
beforeAll(async () => {
  server = await startS3();
});
afterAll(async () => {
  await server.stop();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

const folder = async () => {
  folders.push(await mkdtemp(join(tmpdir(), 'resift-s3-')));
  return folders.at(-1)!;
};
const bucket = () => server.bucket(`laws-${buckets++}`);
const setup = { embedder: hashingEmbedder(), tokenizer: wordTokenizer, chunking: { maxTokens: 40 } };

storeLaws('LanceDB on S3', async (given) => openLanceStore({ ...given, directory: await folder(), s3: await bucket() }));
encodingLaws('LanceDB on S3', async (given) => openLanceStore({ ...given, directory: await folder(), s3: await bucket() }));
lateLaws('LanceDB on S3', async (given) =>
  openLanceStore({ ...given, directory: await folder(), s3: await bucket(), indexTokensFrom: 40 }),
);

it('is the same on another machine, and after a reindexing; what a crash left behind goes', async () => {
  const s3 = await bucket();
  const first = await openLanceStore({ ...setup, directory: await folder(), s3 });
  await first.put('c', [{ id: 'a', text: 'Gulls cry.' }]);
  await first.reindex('c');
  await first.reindex('c');
  await first.put('c', [{ id: 'b', text: 'Terns cry, too.' }]);
  await first.close();
  const second = await openLanceStore({ ...setup, directory: await folder(), s3 });
  expect(await second.collections()).toEqual([{ name: 'c', documents: 2, chunks: 2 }]);
  expect(await second.retriever('c', 'bm25').retrieve('cry', { topK: 5 })).toHaveLength(2);
  expect(await second.deleteCollection('c')).toBe(true);
  expect(await second.collections()).toEqual([]);
  await second.put('c', [{ id: 'new', text: 'New.' }]);
  expect(await second.get('c', 'a')).toBeUndefined();
  await second.close();
});

it('has one writer, and readers that take up what it commits, late by a moment, never half', async () => {
  const s3 = await bucket();
  const writer = await openLanceStore({ ...setup, tokenEmbedder: hashingTokenEmbedder(), directory: await folder(), s3 });
  await expect(openLanceStore({ ...setup, directory: await folder(), s3 })).rejects.toMatchObject({ code: 'conflict' });
  await writer.put('c', [{ id: 'a', text: 'Version 0.' }]);
  const readers = await Promise.all(
    [1, 2].map(async () => openLanceStore({ ...setup, directory: await folder(), s3, lock: false, followMs: 50 })),
  );
  for (let version = 1; version <= 5; version++) {
    await writer.put('c', [{ id: 'a', text: `Version ${version}. ${'And more. '.repeat(20 * version)}` }]);
    if (version === 3) await writer.reindex('c');
    for (const reader of readers) {
      await vi.waitUntil(
        async () => {
          const found = await reader.retriever('c', 'bm25').retrieve('version', { topK: 50 });
          expect(found).toHaveLength(1);
          return found[0]!.document.text.startsWith(`Version ${version}.`);
        },
        { timeout: 20_000 },
      );
    }
  }
  await expect(readers[0]!.put('c', [{ text: 'x' }])).rejects.toMatchObject({ code: 'conflict' });
  for (const store of [writer, ...readers]) await store.close();
  expect(await (await s3Bucket(s3)).get('resift.lock')).toBeUndefined();
});

/** Stores that find by late interaction, through an index from 40 passages on. */
async function lateStores() {
  const s3 = await bucket();
  const embedder = lateEmbedder();
  const late = { ...setup, embedder, tokenEmbedder: embedder, s3, indexTokensFrom: 40, followMs: 50 };
  return { objects: await s3Bucket(s3), open: (directory: string, lock: boolean) => openLanceStore({ ...late, directory, lock }) };
}
const documents = (count: number, seed: number, prefix = 'd') =>
  clusteredTexts(count, seed).map((text, i) => ({ id: `${prefix}${i}`, text }));
const queries = clusteredTexts(5, 99).map((text) => text.split(' ').slice(0, 4).join(' '));
const found = (store: Store) =>
  whenBuilt(async () =>
    JSON.stringify(
      await Promise.all(
        queries.map(async (query) =>
          (await store.late!('c').retrieve(query, { topK: 20 })).map(({ document, score }) => [document.id, document.text, score]),
        ),
      ),
    ),
  );
const indexIn = (directory: string) => readFile(join(directory, 'c.plaid', 'manifest.json'), 'utf8').catch(() => undefined);
const soon = { timeout: 20_000 };

it('has readers that find by late interaction what the writer finds, through the index that it publishes', async () => {
  const { open, objects } = await lateStores();
  const [writers, ...others] = await Promise.all([folder(), folder(), folder()]);
  const writer = await open(writers!, true);
  await writer.put('c', documents(150, 1));
  // Nobody asked the writer.
  await vi.waitUntil(async () => (await objects.get('late/c/manifest')) !== undefined, soon);
  const readers = await Promise.all(others.map((directory) => open(directory, false)));
  const agree = async () => {
    const truth = await found(writer);
    for (const reader of readers) await vi.waitUntil(async () => (await found(reader)) === truth, soon);
    return truth;
  };
  const seen = [await agree()];
  await writer.put('c', documents(60, 2, 'e'));
  seen.push(await agree());
  for (const { id } of documents(40, 2, 'e')) await writer.delete('c', id);
  seen.push(await agree());
  await writer.put('c', documents(150, 3));
  await writer.reindex('c');
  seen.push(await agree());
  expect(new Set(seen).size).toBe(seen.length);
  await vi.waitUntil(async () => (await objects.get('late/c/manifest'))?.text === (await indexIn(writers!)), soon);
  await expect(readers[0]!.put('c', [{ text: 'x' }])).rejects.toMatchObject({ code: 'conflict' });

  // What a reader keeps is of use to the next one there, and damage in it is found.
  const cache = join(others[0]!, 'reader-0');
  expect(await indexIn(cache)).toMatch(/"generation"/);
  await readers[0]!.close();
  const file = join(cache, 'c.plaid', (await readdir(join(cache, 'c.plaid'))).find((name) => name.endsWith('.residuals'))!);
  await writeFile(file, new Uint8Array((await stat(file)).size));
  readers[0] = await open(others[0]!, false);
  expect(await agree()).toBe(seen.at(-1));

  expect(await writer.deleteCollection('c')).toBe(true);
  expect([...(await objects.list('late/')).keys()]).toEqual([]);
  for (const reader of readers) {
    await vi.waitUntil(
      () =>
        reader.late!('c')
          .retrieve('w1', { topK: 1 })
          .then(
            () => false,
            ({ code }) => code === 'not_found',
          ),
      soon,
    );
  }
  await vi.waitUntil(async () => (await indexIn(cache)) === undefined, soon);
  for (const store of [writer, ...readers]) await store.close();
});

it('gives a writer on another machine the index that is there, and two readers of one folder a folder each', async () => {
  const { open, objects } = await lateStores();
  const [first, second, shared] = [await folder(), await folder(), await folder()];
  const writer = await open(first, true);
  await writer.put('c', documents(80, 1));
  await found(writer);
  await writer.put('c', documents(80, 2, 'e'));
  const truth = await found(writer);
  const published = async () => (await objects.get('late/c/manifest'))?.text;
  await vi.waitUntil(
    async () => (await published()) === (await indexIn(first)) && /"generation":[2-9]/.test((await published()) ?? ''),
    soon,
  );
  await writer.close();

  const heir = await open(second, true);
  await vi.waitUntil(async () => (await indexIn(second)) !== undefined, soon);
  expect(await indexIn(second)).toBe(await published());
  expect(await found(heir)).toBe(truth);

  const readers = await Promise.all([1, 2].map(() => open(shared, false)));
  for (const reader of readers) expect(await found(reader)).toBe(truth);
  expect(await Promise.all(['reader-0', 'reader-1'].map((name) => indexIn(join(shared, name))))).toEqual(Array(2).fill(await published()));
  for (const store of [heir, ...readers]) await store.close();
});

it('lists more objects than fit one answer, whatever the prefix', async () => {
  const { url, ...s3 } = await bucket();
  const objects = await s3Bucket({ ...s3, url: `${url}&more` });
  const keys = Array.from({ length: 1_005 }, (_, i) => `late/c/${i}`);
  for (let at = 0; at < keys.length; at += 20)
    await Promise.all(keys.slice(at, at + 20).map((key) => objects.write(key, Buffer.from(key))));
  expect(new Map(await objects.list('late/'))).toEqual(new Map(keys.map((key) => [key, key.length])));
  expect((await objects.list('late/c/100')).size).toBe(6);
  expect(Buffer.from((await objects.read('late/c/7'))!).toString()).toBe('late/c/7');
  expect(await objects.read('late/c/none')).toBeUndefined();
});

it('keeps tenants of the server apart, each under a prefix of its own', async () => {
  const { url, ...s3 } = await bucket();
  const where = { dataDir: await folder(), storeUrl: url, s3 };
  const [acme, beta] = await Promise.all(['acme', 'beta'].map((tenant) => openStore(where, tenant, setup)));
  await acme!.put('c', [{ id: 'a', text: 'Gulls.' }]);
  expect(await beta!.collections()).toEqual([]);
  await acme!.close();
  const again = await openStore({ ...where, dataDir: await folder() }, 'acme', setup);
  expect(await again.get('c', 'a')).toMatchObject({ text: 'Gulls.' });
  for (const store of [again, beta!]) await store.close();
});

it('says what is wrong: no such bucket, no server', async () => {
  const s3 = await bucket();
  const directory = await folder();
  await expect(openLanceStore({ ...setup, directory, s3: { ...s3, url: 's3://nowhere/x' } })).rejects.toMatchObject({
    code: 'invalid_config',
  });
  await expect(openLanceStore({ ...setup, directory, s3: { ...s3, endpoint: 'http://127.0.0.1:9' } })).rejects.toMatchObject({
    code: 'unavailable',
  });
});
