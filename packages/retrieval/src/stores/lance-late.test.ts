import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { clusteredEmbedder, clusteredTexts } from '../../fixtures/clustered-embedder.ts';
import { openLanceStore } from './lancedb.ts';
import type { Store } from './store.ts';

const tokenEmbedder = clusteredEmbedder();
const embedder = {
  ...tokenEmbedder,
  embed: async (texts: readonly string[]) => ({ vectors: texts.map(() => Float32Array.of(1)), usage: {} }),
};
const tokenizer = { count: (text: string) => text.split(' ').length, truncate: (text: string) => text };
let directory: string;
const opened: Store[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'resift-lance-late-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await rm(directory, { recursive: true, force: true });
});

async function open(lock: boolean): Promise<Store> {
  opened.push(await openLanceStore({ directory, embedder, tokenEmbedder, tokenizer, lock, indexTokensFrom: 40, followMs: 10 }));
  return opened.at(-1)!;
}
const documents = (count: number, seed: number) => clusteredTexts(count, seed).map((text, i) => ({ id: `d${i}`, text }));
const find = async (store: Store) =>
  (await store.late!('c').retrieve('w1 w2 w40', { topK: 20 })).map(({ document, score }) => `${document.text} ${score}`);
const built = (search: () => Promise<string[]>) => vi.waitUntil(() => search().catch(({ details }) => details?.reason !== 'building'));

it('a reader of the same folder uses the index of its writer, follows it, and leaves damage in it to the writer', async () => {
  const writer = await open(true);
  await writer.put('c', documents(30, 1));
  const reader = await open(false);
  expect(await find(reader)).toEqual(await find(writer));

  await writer.put('c', documents(150, 2));
  await built(() => find(writer));
  const truth = await find(writer);
  await vi.waitUntil(async () => (await find(reader).catch(() => [])).join() === truth.join(), { timeout: 10_000 });

  await reader.close();
  const folder = join(directory, 'c.plaid');
  const file = join(folder, (await readdir(folder)).find((name) => name.endsWith('.residuals'))!);
  const { size } = await stat(file);
  await writeFile(file, new Uint8Array(size));
  const second = await open(false);
  await expect(find(second)).rejects.toMatchObject({ code: 'unavailable', details: { reason: 'building' } });
  expect((await stat(file)).size).toBe(size);
  await find(writer).catch(() => {}); // which finds it, and makes the index again
  await built(() => find(writer));
  await vi.waitUntil(async () => (await find(second).catch(() => [])).join() === truth.join(), { timeout: 10_000 });
});
