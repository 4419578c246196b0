import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { clusteredEmbedder, clusteredTexts } from '../../fixtures/clustered-embedder.ts';
import { memoryBucket } from '../../fixtures/memory-bucket.ts';
import { buildPlaid } from '../plaid/build-plaid.ts';
import { openPlaid } from '../plaid/open-plaid.ts';
import { fetchPublished } from './fetch-published.ts';
import { createPublisher, type Publisher } from './publisher.ts';

const embedder = clusteredEmbedder();
const documents = clusteredTexts(40, 1).map((text, i) => ({ id: `d${i}`, text }));
let root: string;
let bucket = memoryBucket();
const open: Publisher[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'resift-publish-'));
  bucket = memoryBucket();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((publisher) => publisher.close()));
  await rm(root, { recursive: true, force: true });
});

const folder = () => join(root, 'writer');
const build = (some = documents) => buildPlaid({ directory: folder(), embedder, documents: some });
function publisher({ keepMs = 600_000, mayPublish = async () => {} } = {}): Publisher {
  open.push(createPublisher({ bucket, mayPublish, keepMs, pauseMs: 1 }));
  return open.at(-1)!;
}
async function published(publishing: Publisher, collection = 'c') {
  publishing.publish(collection, folder());
  await publishing.settled();
}
/** What a new reader finds. */
async function fetched(name: string) {
  await fetchPublished({ bucket, collection: 'c', directory: join(root, name), embedder });
  await using index = await openPlaid(join(root, name), { embedder, readOnly: true });
  await index.verify();
  return (await index.ids()).length;
}

it('is one step: a crash after any upload leaves the index before, and the next publication goes on from there', async () => {
  await build();
  await published(publisher());
  await build([...documents, { id: 'new', text: 'w1 w2' }]);
  const before = new Set(bucket.blobs.keys());
  for (let uploads = 0; ; uploads++) {
    bucket.left = uploads === 0 ? 0 : 1;
    const crashed = publisher();
    crashed.publish('c', folder());
    await vi.waitUntil(() => bucket.left === 0);
    await crashed.close();
    bucket.left = Infinity;
    const found = await fetched(`after-${uploads}`);
    if (found === 41) break;
    expect(found).toBe(40);
    expect(uploads).toBeLessThan(20);
    for (const key of before) expect(bucket.blobs.has(key)).toBe(true);
  }
  const writes = bucket.done.filter((step) => step.startsWith('write '));
  expect(new Set(writes).size).toBe(writes.length);
});

it('tries again until it could, then publishes what is there by then', async () => {
  await build();
  bucket.down = true;
  const publishing = publisher();
  publishing.publish('c', folder());
  await new Promise((resolve) => setTimeout(resolve, 20));
  await build([...documents, { id: 'new', text: 'w1 w2' }]);
  bucket.down = false;
  await publishing.settled();
  expect(await fetched('reader')).toBe(41);
});

it('keeps what is not needed any more for readers that are fetching it, then removes it, and nothing of another collection', async () => {
  await build();
  const patient = publisher();
  await published(patient);
  await published(patient, 'c.other');
  const first = [...bucket.blobs.keys()];
  await build(documents.slice(10));
  await published(patient);
  await build(documents.slice(20));
  await published(patient);
  for (const key of first) expect(bucket.blobs.has(key)).toBe(true);

  // One that may keep nothing removes at the next publication what it saw at the one before.
  const hasty = publisher({ keepMs: 0 });
  await build(documents.slice(5));
  await published(hasty);
  const ofC = first.filter((key) => key.startsWith('late/c/'));
  expect(ofC.length).toBeGreaterThan(5);
  expect(ofC.filter((key) => bucket.blobs.has(key))).toEqual([]);
  expect(first.filter((key) => key.startsWith('late/c.other/')).every((key) => bucket.blobs.has(key))).toBe(true);
  expect(await fetched('reader')).toBe(35);
});

it('withdraws a collection, and at the start those that are gone', async () => {
  await build();
  const publishing = publisher();
  await published(publishing);
  await published(publishing, 'other');
  await publishing.withdraw('c');
  const keys = () => [...bucket.blobs.keys(), ...bucket.objects.keys()];
  expect(keys().every((key) => key.startsWith('late/other/'))).toBe(true);
  await publishing.keepOnly(['c', 'other']);
  expect(keys().length).toBeGreaterThan(5);
  await publishing.keepOnly(['c']);
  expect(keys()).toEqual([]);
});

it('publishes nothing damaged, nothing twice, and nothing as somebody who is not the writer any more', async () => {
  await build();
  const late = publisher({ mayPublish: () => Promise.reject(new Error('taken over')) });
  late.publish('c', folder());
  await vi.waitUntil(() => bucket.blobs.size > 5);
  await late.close();
  expect(bucket.objects.size).toBe(0);

  const publishing = publisher();
  await published(publishing);
  bucket.done.length = 0;
  await published(publishing);
  expect(bucket.done).toEqual(['get late/c/manifest']);

  await build([...documents, { id: 'new', text: 'w1 w2' }]);
  const file = join(folder(), (await readdir(folder())).find((name) => name.endsWith('.residuals'))!);
  const bytes = await readFile(file);
  bytes[40]! ^= 1;
  await writeFile(file, bytes);
  await published(publishing);
  expect(await fetched('reader')).toBe(40);
});
