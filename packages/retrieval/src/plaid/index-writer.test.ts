import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clusteredEmbedder, clusteredTexts } from '../../fixtures/clustered-embedder.ts';
import { seeded } from '../internal/seeded.ts';
import { buildPlaid } from './build-plaid.ts';
import { openPlaid } from './open-plaid.ts';
import type { PlaidIndex } from './plaid-index.ts';

const documents = clusteredTexts(120, 11).map((text, i) => ({ id: `d${i}`, text, metadata: { half: i < 60 ? 'first' : 'second' } }));
const queries = clusteredTexts(8, 12).map((text) => text.split(' ').slice(0, 4).join(' '));

let root: string;
let count = 0;
const fresh = () => join(root, `index${count++}`);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'resift-plaid-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const answers = (index: PlaidIndex) => Promise.all(queries.map((query) => index.retrieve(query, { topK: 40 })));

it('is after any adds, replacements and removals what one build of the same documents is', async () => {
  const embedder = clusteredEmbedder();
  const [changed, whole] = [fresh(), fresh()];
  for (const directory of [changed, whole]) await buildPlaid({ directory, embedder, documents });
  await using index = await openPlaid(changed, { embedder });
  const random = seeded(5);
  const now = new Map(documents.map((document) => [document.id, document]));
  for (let round = 0; round < 30; round++) {
    const some = documents.filter(() => random() < 0.08);
    if (round % 2 === 0) {
      const ids = some.map(({ id }) => id);
      expect(await index.remove(ids)).toBe(ids.filter((id) => now.delete(id)).length);
    } else {
      // Every other one as it was, every other one with a text of another document.
      const incoming = some.map((document, i) => (i % 2 === 0 ? document : { ...document, text: documents[(round * 7 + i) % 120]!.text }));
      await index.add(incoming);
      for (const document of incoming) now.set(document.id, document);
    }
    expect(index.stats().documents).toBe(now.size);
    expect(index.stats().segments).toBeLessThanOrEqual(9);
  }
  await index.verify();

  // The same centroids, and each document written once.
  await using fixed = await openPlaid(whole, { embedder });
  await fixed.remove(documents.map(({ id }) => id).filter((id) => !now.has(id)));
  await fixed.add([...now.values()]);
  await fixed.merge();
  expect(fixed.stats()).toMatchObject({ segments: 1, deleted: 0, documents: now.size });
  const expected = await answers(fixed);
  expect(await answers(index)).toEqual(expected);
  expect(expected[0]).toHaveLength(40);
  await index.merge();
  expect(await answers(index)).toEqual(expected);
  expect(index.stats().bytes).toBe(fixed.stats().bytes);
  expect(await readdir(changed)).toHaveLength(9); // manifest, codec, lock, segment
});

it('serves what it served after it was closed and opened', async () => {
  const embedder = clusteredEmbedder();
  const directory = fresh();
  await buildPlaid({ directory, embedder, documents: documents.slice(0, 100) });
  let before: unknown;
  {
    await using index = await openPlaid(directory, { embedder });
    await Promise.all([index.add(documents.slice(100)), index.remove(['d3', 'd110']), index.add([documents[3]!])]);
    before = await answers(index);
  }
  await using index = await openPlaid(directory, { embedder });
  expect(await answers(index)).toEqual(before);
  expect(index.stats()).toMatchObject({ documents: 119, generation: 4 });
  expect((await index.retrieve(documents[110]!.text, { topK: 3 })).map(({ document }) => document.id)).not.toContain('d110');
  expect((await index.retrieve(documents[115]!.text, { topK: 1, filter: { half: 'second' } }))[0]!.document).toEqual(documents[115]);
});

it('is trained again when a small index grows fourfold, from the texts it keeps', async () => {
  const embedder = clusteredEmbedder();
  const directory = fresh();
  await buildPlaid({ directory, embedder, documents: documents.slice(0, 10) });
  await using index = await openPlaid(directory, { embedder });
  const small = index.stats().centroids;
  await index.add(documents.slice(10, 40));
  expect(index.stats()).toMatchObject({ centroids: small, outgrown: false, segments: 2 });
  await index.remove(['d2']);
  embedder.calls.length = 0;
  const stages: string[] = [];
  await index.add(documents.slice(40), { onProgress: ({ stage }) => stages.push(stage) });
  expect(index.stats()).toMatchObject({ documents: 119, segments: 1, deleted: 0, outgrown: false });
  expect(index.stats().centroids).toBeGreaterThan(2 * small);
  expect(embedder.calls).toHaveLength(119);
  expect(stages).toContain('train');

  const other = fresh();
  await buildPlaid({ directory: other, embedder, documents: documents.filter(({ id }) => id !== 'd2') });
  await using built = await openPlaid(other, { embedder });
  expect(await answers(index)).toEqual(await answers(built));
  await index.retrain();
  expect(await answers(index)).toEqual(await answers(built));
});

it('leaves no trace of a change that was aborted or failed, and goes on', async () => {
  const embedder = clusteredEmbedder();
  const directory = fresh();
  await buildPlaid({ directory, embedder, documents: documents.slice(0, 50) });
  let broken = true;
  const sometimes = {
    ...embedder,
    encode: async (...[texts, kind]: Parameters<typeof embedder.encode>) => {
      if (broken && kind === 'document') throw new Error('model gone');
      return embedder.encode(texts, kind);
    },
  };
  await using index = await openPlaid(directory, { embedder: sometimes });
  const before = await answers(index);
  await expect(index.add(documents.slice(50, 60))).rejects.toThrow('model gone');
  const controller = new AbortController();
  const reason = new Error('left');
  controller.abort(reason);
  await expect(index.remove(['d1'], { signal: controller.signal })).rejects.toBe(reason);
  expect(await answers(index)).toEqual(before);
  expect(index.stats().generation).toBe(1);
  broken = false;
  await index.add(documents.slice(50, 60));
  expect(index.stats()).toMatchObject({ documents: 60, generation: expect.any(Number) });
  await index.verify();
});

it('searches go on in the index they began with', async () => {
  const embedder = clusteredEmbedder();
  const directory = fresh();
  await buildPlaid({ directory, embedder, documents: documents.slice(0, 60) });
  await using index = await openPlaid(directory, { embedder });
  const before = await answers(index);
  const running = answers(index);
  await index.retrain();
  await index.remove(documents.slice(0, 59).map(({ id }) => id));
  expect(await running).toEqual(before);
  expect(await index.retrieve(queries[0]!, { topK: 5 })).toHaveLength(1);
});
