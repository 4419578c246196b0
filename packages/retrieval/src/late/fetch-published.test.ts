import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clusteredEmbedder, clusteredTexts } from '../../fixtures/clustered-embedder.ts';
import { memoryBucket } from '../../fixtures/memory-bucket.ts';
import { buildPlaid } from '../plaid/build-plaid.ts';
import { openPlaid } from '../plaid/open-plaid.ts';
import type { ObjectBucket } from '../stores/object-bucket.ts';
import { fetchPublished } from './fetch-published.ts';
import { publishIndex } from './publish-index.ts';

const embedder = clusteredEmbedder();
const documents = clusteredTexts(60, 1).map((text, i) => ({ id: `d${i}`, text }));
const partBytes = 4_096;
let root: string;
let bucket = memoryBucket();
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'resift-fetch-'));
  bucket = memoryBucket();
});
afterEach(() => rm(root, { recursive: true, force: true }));

const writers = () => join(root, 'writer');
const build = (directory = writers(), some = documents) => buildPlaid({ directory, embedder, documents: some });
const publish = (to: ObjectBucket = bucket) =>
  publishIndex({
    bucket: to,
    collection: 'c',
    directory: writers(),
    mayPublish: async () => {},
    signal: new AbortController().signal,
    partBytes,
  });
const fetch = (name = 'reader', from: ObjectBucket = bucket, model = embedder) =>
  fetchPublished({ bucket: from, collection: 'c', directory: join(root, name), embedder: model, partBytes });
const idsIn = async (name: string) => {
  await using index = await openPlaid(join(root, name), { embedder, readOnly: true });
  await index.verify();
  return (await index.ids()).sort();
};
const all = documents.map(({ id }) => id).sort();

it('brings a folder to what is published, file by file the same, and later only what is new', async () => {
  await build();
  await publish();
  await fetch();
  expect(await idsIn('reader')).toEqual(all);
  for (const name of await readdir(writers())) {
    expect(await readFile(join(root, 'reader', name))).toEqual(await readFile(join(writers(), name)));
  }

  const index = await openPlaid(writers(), { embedder });
  await index.add([{ id: 'new', text: 'w1 w2' }]);
  await index.remove(['d3']);
  await index.close();
  await publish();
  bucket.done.length = 0;
  await fetch();
  expect(await idsIn('reader')).toEqual([...all.filter((id) => id !== 'd3'), 'new'].sort());
  const fetched = bucket.done.filter((step) => step.startsWith('read '));
  expect(fetched.length).toBeGreaterThan(0);
  expect(fetched.length).toBeLessThan(12);
  expect((await readdir(join(root, 'reader'))).sort()).toEqual((await readdir(writers())).sort());

  bucket.done.length = 0;
  await fetch();
  expect(bucket.done).toEqual(['get late/c/manifest']);
});

it('does nothing where nothing is published, or something of another model', async () => {
  await fetch();
  await build();
  await publish();
  await fetch('reader', bucket, clusteredEmbedder({ id: 'other' }));
  await expect(stat(join(root, 'reader'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('goes on where it was interrupted, however often', async () => {
  await build();
  await publish();
  const unsteady = silentAt((read) => read % 4 === 0);
  for (let round = 0; ; round++) {
    try {
      await fetch('reader', unsteady);
      break;
    } catch {
      expect(round).toBeLessThan(bucket.blobs.size);
    }
  }
  const read = bucket.done.filter((step) => step.startsWith('read '));
  expect(read.length).toBeGreaterThan(12);
  expect(new Set(read).size).toBe(read.length);
  expect(await idsIn('reader')).toEqual(all);
});

it('finds a damaged object by its checksum, keeps what there was, and fetches it again', async () => {
  await build();
  await publish();
  await fetch();
  await build(writers(), [...documents, { id: 'new', text: 'w7 w8' }]);
  await publish();
  const damaged: ObjectBucket = {
    ...bucket,
    async read(key) {
      const bytes = await bucket.read(key);
      if (key.endsWith('.1')) bytes![3]! ^= 1;
      return bytes;
    },
  };
  await expect(fetch('reader', damaged)).rejects.toMatchObject({ code: 'corrupt' });
  expect(await idsIn('reader')).toEqual(all);
  const short: ObjectBucket = { ...bucket, read: async (key) => (await bucket.read(key))?.slice(1) };
  await expect(fetch('reader', short)).rejects.toMatchObject({ code: 'corrupt' });
  expect(await idsIn('reader')).toEqual(all);
  await fetch();
  expect(await idsIn('reader')).toEqual([...all, 'new'].sort());
});

it('takes the newer index where the one it was fetching went', async () => {
  await build();
  await publish();
  let moved = false;
  const moving: ObjectBucket = {
    ...bucket,
    async read(key) {
      if (!moved) {
        moved = true;
        const left = [...bucket.blobs.keys()];
        await build(writers(), documents.slice(0, 30));
        await publish();
        for (const old of left) bucket.blobs.delete(old);
        await publishAgain();
      }
      return bucket.read(key);
    },
  };
  // What both need was deleted with the rest above.
  const publishAgain = async () => {
    bucket.objects.clear();
    await publish();
  };
  await fetch('reader', moving);
  expect(await idsIn('reader')).toEqual(all.filter((id) => documents.slice(0, 30).some((one) => one.id === id)));
  bucket.blobs.clear();
  await expect(fetch('another')).rejects.toMatchObject({ code: 'not_found' });
});

it('never mixes an index with one that was made anew under the same names', async () => {
  await build();
  await publish();
  await fetch();
  await rm(writers(), { recursive: true });
  await build(writers(), documents.slice(20));
  await publish();
  const breaks = silentAt((read) => read === 6);
  await expect(fetch('reader', breaks)).rejects.toThrow('no answer');
  await expect(idsIn('reader')).rejects.toMatchObject({ code: 'not_found' });
  await fetch();
  expect(await idsIn('reader')).toEqual(
    documents
      .slice(20)
      .map(({ id }) => id)
      .sort(),
  );
});

it('refuses a manifest that is damaged, or names what is no file of an index', async () => {
  await build();
  await publish();
  const { text, tag } = bucket.objects.get('late/c/manifest')!;
  bucket.objects.set('late/c/manifest', { text: text.replace('"format":1', '"format":2'), tag });
  await expect(fetch()).rejects.toMatchObject({ code: 'corrupt' });
  const { createHash } = await import('node:crypto');
  const body = text.split('\n')[1]!.replace(/g\d+-0\.codec/, '../outside');
  bucket.objects.set('late/c/manifest', { text: `${createHash('sha256').update(body).digest('hex')}\n${body}\n`, tag });
  await writeFile(join(root, 'outside'), 'mine');
  await expect(fetch()).rejects.toMatchObject({ code: 'corrupt' });
  expect(await readFile(join(root, 'outside'), 'utf8')).toBe('mine');
});

/** The bucket, which gives no answer to some of its reads, counted from 1. */
function silentAt(silent: (read: number) => boolean): ObjectBucket {
  let reads = 0;
  return {
    ...bucket,
    async read(key) {
      reads += 1;
      if (silent(reads)) throw new Error('no answer');
      return bucket.read(key);
    },
  };
}
