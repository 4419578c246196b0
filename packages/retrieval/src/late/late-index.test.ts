import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clusteredEmbedder, clusteredTexts } from '../../fixtures/clustered-embedder.ts';
import { lateTable } from '../../fixtures/late-table.ts';
import { openPlaid } from '../plaid/open-plaid.ts';
import { openLateDisk } from './late-disk.ts';
import { createLateIndex, type LateIndex } from './late-index.ts';
import type { LateSource } from './late-source.ts';

const embedder = clusteredEmbedder();
const tokenizer = { count: (text: string) => text.length, truncate: (text: string) => text };
let directory: string;
const open: LateIndex[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'resift-late-'));
});
afterEach(async () => {
  for (const index of open.splice(0)) await index.close();
  await rm(directory, { recursive: true, force: true });
});

function openIndex(source: LateSource, indexFrom = 40): LateIndex {
  const disk = openLateDisk({ directory: join(directory, 'c.plaid'), embedder, packed: source.packed });
  const index = createLateIndex({ source, disk, embedder, tokenizer, indexFrom });
  open.push(index);
  return index;
}

const idsOf = async (index: LateIndex, query: string, topK = 500) =>
  (await index.retrieve(query, { topK })).map(({ document }) => document.documentId).sort();
const texts = clusteredTexts(120, 1);
const filled = async (count: number) => {
  const made = lateTable(embedder);
  for (const [i, text] of texts.slice(0, count).entries()) await made.store(`d${i}`, text);
  return made;
};
const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

it('makes no index of few passages, and one on disk when there are many, which takes the vectors out of memory', async () => {
  const { source, store } = await filled(30);
  const index = openIndex(source);
  expect(await idsOf(index, 'w1 w2')).toHaveLength(30);
  expect(index.bytes).toBeGreaterThan(0);
  expect(await exists(join(directory, 'c.plaid'))).toBe(false);
  for (const [i, text] of texts.slice(30, 60).entries()) index.put([await store(`e${i}`, text)]);
  expect(await idsOf(index, 'w1 w2')).toHaveLength(60);
  await index.settled();
  expect(await exists(join(directory, 'c.plaid', 'manifest.json'))).toBe(true);
  expect(await idsOf(index, 'w1 w2')).toHaveLength(60);
  expect(index.bytes).toBeLessThan(60 * 5 * embedder.tokenDimensions);
});

it('says that a large collection is being indexed, then finds all of it, and after a restart reads only what is new', async () => {
  const { source, store, reads, rows } = await filled(120);
  const first = openIndex(source);
  await expect(first.retrieve('w1', { topK: 5 })).rejects.toMatchObject({ code: 'unavailable', details: { reason: 'building' } });
  await first.settled();
  expect(await idsOf(first, 'w1')).toHaveLength(120);
  await first.close();

  await store('d0', 'w900 w901');
  await store('new', 'w902 w903');
  rows.delete('d1#0');
  reads.length = 0;
  const second = openIndex(source);
  const found = await idsOf(second, 'w1');
  expect(reads.sort()).toEqual(['d0#0', 'new#0']);
  expect(found).toHaveLength(120);
  expect(found).not.toContain('d1');
  expect((await second.retrieve('w900 w901', { topK: 1 }))[0]!.document.text).toBe('w900 w901');
});

it.each([30, 120])('gives of %i what the table has now, with its score, even where nobody has told of a commit yet', async (count) => {
  const { source, rows, store } = await filled(count);
  const index = openIndex(source);
  await index.ready;
  await index.settled();
  const [before] = await index.retrieve(texts[3]!, { topK: 1 });
  expect(before!.score).toBeGreaterThan(0.98);
  rows.delete('d2#0');
  await store('d3', 'w5 w6 w7');
  const found = await index.retrieve(texts[3]!, { topK: 500 });
  expect(found.map(({ document }) => document.documentId)).not.toContain('d2');
  const d3 = found.find(({ document }) => document.documentId === 'd3')!;
  expect(d3.document.text).toBe('w5 w6 w7');
  expect(d3.score).toBeLessThan(0.8);
});

it('takes what is gone off the disk, too, when it is much', async () => {
  const { source, rows } = await filled(120);
  const index = openIndex(source);
  await index.ready;
  await index.settled();
  for (let i = 0; i < 70; i++) {
    rows.delete(`d${i}#0`);
    index.remove(`d${i}`);
  }
  await index.settled();
  await index.close();
  await using left = await openPlaid(join(directory, 'c.plaid'), { embedder });
  expect(left.stats().documents).toBeLessThan(80);
  expect(left.stats().documents).toBeGreaterThanOrEqual(50);
});

/** An index of so many documents that was built, written and closed. */
async function indexed(count: number) {
  const { source } = await filled(count);
  const index = openIndex(source);
  await index.ready;
  await index.settled();
  await index.close();
  return { source, folder: join(directory, 'c.plaid') };
}

it.each(['manifest.json', 'codec'])('is built again where %s is damaged, or is of another model', async (what) => {
  const { source, folder } = await indexed(120);
  const file = (await readdir(folder)).find((name) => name.endsWith(what))!;
  await writeFile(join(folder, file), 'nothing of use');
  const second = openIndex(source);
  await second.ready;
  await second.settled();
  expect(await idsOf(second, 'w1')).toHaveLength(120);
  await second.close();

  const model = { ...embedder, id: 'other' };
  const disk = openLateDisk({ directory: folder, embedder: model, packed: source.packed });
  const other = createLateIndex({ source, disk, embedder: model, tokenizer, indexFrom: 40 });
  open.push(other);
  await other.ready;
  await other.settled();
  expect(await idsOf(other, 'w1')).toHaveLength(120);
});

it.each(['codes', 'residuals', 'names'])('is built again where its %s turn out to be damaged at a search', async (what) => {
  const { source, folder } = await indexed(120);
  const file = join(folder, (await readdir(folder)).find((name) => name.endsWith(what))!);
  await writeFile(file, new Uint8Array((await stat(file)).size));
  const second = openIndex(source);
  await idsOf(second, 'w1').catch((error: unknown) =>
    expect(error).toMatchObject({ code: 'unavailable', details: { reason: 'building' } }),
  );
  await second.settled();
  expect(await idsOf(second, 'w1')).toHaveLength(120);
});

it('goes on from memory where the disk fails, and tries again', async () => {
  const { source, store } = await filled(30);
  await writeFile(join(directory, 'c.plaid'), 'a file where the folder should be');
  const index = openIndex(source);
  await expect(idsOf(index, 'w1')).rejects.toMatchObject({ code: 'ENOTDIR' });
  await rm(join(directory, 'c.plaid'));
  const again = openIndex(source);
  expect(await idsOf(again, 'w1')).toHaveLength(30);
  await writeFile(join(directory, 'c.plaid'), 'a file where the folder should be');
  for (const [i, text] of texts.slice(30, 60).entries()) again.put([await store(`e${i}`, text)]);
  await again.settled();
  expect(await idsOf(again, 'w1')).toHaveLength(60);
  await rm(join(directory, 'c.plaid'));
  again.remove('d0');
  await again.settled();
  expect(await exists(join(directory, 'c.plaid', 'manifest.json'))).toBe(true);
});
