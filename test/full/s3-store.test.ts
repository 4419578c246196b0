import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@resift/api/open-store';
import { openLanceStore } from '@resift/retrieval/stores/lancedb';
import { s3Bucket } from '@resift/retrieval/stores/s3-bucket';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { hashingEmbedder, hashingTokenEmbedder, wordTokenizer } from '../contracts/hashing-embedder.ts';
import { storeLaws } from '../contracts/store.ts';
import { encodingLaws } from '../contracts/store-encodings.ts';
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
