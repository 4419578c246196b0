import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenEmbedder } from '@resift/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusteredEmbedder, clusteredTexts } from '../../fixtures/clustered-embedder.ts';
import { buildPlaid } from './build-plaid.ts';
import { openPlaid } from './open-plaid.ts';
import type { PlaidIndex } from './plaid-index.ts';
import { plainProducts } from './products.ts';
import { effortFor } from './search-effort.ts';

const embedder = clusteredEmbedder();
const documents = clusteredTexts(400, 1).map((text, i) => ({ id: `d${i}`, text, metadata: { parity: i % 2 === 0 ? 'even' : 'odd', i } }));
const queries = clusteredTexts(16, 2).map((text) => text.split(' ').slice(0, 5).join(' '));

let root: string;
let count = 0;
const fresh = () => join(root, `index${count++}`);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'resift-plaid-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** MaxSim of the true vectors, best first. */
async function bruteForce(query: string, texts: readonly { readonly id: string; readonly text: string }[]) {
  const [asked, ...rows] = await Promise.all([query, ...texts.map(({ text }) => text)].map(vectorsOf));
  const scores = rows.map(({ data, count: tokens, dimensions }) => {
    const table = plainProducts(asked!.data, data, dimensions);
    let sum = 0;
    for (let i = 0; i < asked!.count; i++) sum += tokens === 0 ? 0 : Math.max(...table.subarray(i * tokens, (i + 1) * tokens));
    return asked!.count === 0 ? 0 : sum / asked!.count;
  });
  return texts.map(({ id }, i) => ({ id, score: scores[i]! })).sort((a, b) => b.score - a.score);
}

const known = new Map<string, { readonly data: Float32Array; readonly count: number; readonly dimensions: number }>();
async function vectorsOf(text: string) {
  const { tokens } = known.has(text) ? { tokens: known.get(text)! } : (await embedder.encode([text], 'document')).encodings[0]!;
  const vectors = { ...tokens, data: tokens.data as Float32Array };
  known.set(text, vectors);
  return vectors;
}

async function recall(index: PlaidIndex, all: readonly { readonly id: string; readonly text: string }[], topK: number, within = topK) {
  let found = 0;
  for (const query of queries) {
    const ids = (await index.retrieve(query, { topK: within })).map(({ document }) => document.id);
    const best = (await bruteForce(query, all)).slice(0, topK);
    found += best.filter(({ id }) => ids.includes(id)).length / topK;
  }
  return found / queries.length;
}

describe('an index of 400 documents', () => {
  let index: PlaidIndex<(typeof documents)[number]>;
  beforeAll(async () => {
    const directory = fresh();
    await buildPlaid({ directory, embedder, documents });
    index = await openPlaid(directory, { embedder });
  });
  afterAll(() => index.close());

  it('finds what comparing all token vectors finds, with a part of the work', async () => {
    expect(await recall(index, documents, 10, 50)).toBeGreaterThanOrEqual(0.99);
    expect(await recall(index, documents, 10)).toBeGreaterThanOrEqual(0.9);
    const { exact, candidates } = await index.retrieveWithCounts(queries[0]!, { topK: 10 });
    expect(exact).toBe(128);
    expect(candidates).toBeGreaterThan(exact);
  });

  it('gives whole documents, best first, with scores near to the true MaxSim', async () => {
    for (const query of queries.slice(0, 5)) {
      const results = await index.retrieve(query, { topK: 30 });
      expect(results).toHaveLength(30);
      const scores = results.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      const truth = new Map((await bruteForce(query, documents)).map(({ id, score }) => [id, score]));
      for (const { document, score } of results) {
        expect(document).toEqual(documents[Number(document.id.slice(1))]);
        expect(Math.abs(score - truth.get(document.id)!)).toBeLessThan(0.05);
      }
    }
  });

  it('gives as many as asked for, though no centroid leads there', async () => {
    expect(await index.retrieve('w1', { topK: 400 })).toHaveLength(400);
    expect(await index.retrieve('w1', { topK: 1_000 })).toHaveLength(400);
    expect(await index.retrieve('w1', { topK: 0 })).toEqual([]);
  });

  it('finds nothing for a query without tokens', async () => {
    expect(await index.retrieve('?!', { topK: 5 })).toEqual([]);
  });

  it('looks only at what passes the filter', async () => {
    const even = documents.filter(({ metadata }) => metadata.parity === 'even');
    const results = await index.retrieve(queries[0]!, { topK: 20, filter: { parity: 'even' } });
    expect(results.every(({ document }) => document.metadata.parity === 'even')).toBe(true);
    const best = (await bruteForce(queries[0]!, even)).slice(0, 5).map(({ id }) => id);
    expect(results.map(({ document }) => document.id)).toEqual(expect.arrayContaining(best));
    const few = await index.retrieve(queries[0]!, { topK: 5, filter: { i: [3, 77, 201] } });
    expect(few.map(({ document }) => document.id).sort()).toEqual(['d201', 'd3', 'd77']);
    expect(await index.retrieve('w1', { topK: 5, filter: { parity: 'neither' } })).toEqual([]);
  });

  it('refuses what no retriever can serve, and stops when it is told to', async () => {
    await expect(index.retrieve(' ', { topK: 5 })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(index.retrieve('w1', { topK: -1 })).rejects.toMatchObject({ code: 'invalid_input' });
    const controller = new AbortController();
    const reason = new Error('left');
    const searching = index.retrieve(queries[0]!, { topK: 5, signal: controller.signal });
    controller.abort(reason);
    await expect(searching).rejects.toBe(reason);
  });

  it('says what it is', () => {
    const { bytes, ...stats } = index.stats();
    expect(stats).toMatchObject({ documents: 400, deleted: 0, segments: 1, bits: 4, generation: 1, outgrown: false });
    expect(bytes).toBeGreaterThan(stats.tokens * (16 + 2));
    expect(stats.centroids).toBeGreaterThan(200);
  });
});

it('keeps less with fewer bits, and finds a little less', async () => {
  const sizes: number[] = [];
  for (const bits of [1, 2, 4] as const) {
    const directory = fresh();
    await buildPlaid({ directory, embedder, documents: documents.slice(0, 200), options: { bits } });
    await using index = await openPlaid(directory, { embedder });
    sizes.push(index.stats().bytes);
    expect(await recall(index, documents.slice(0, 200), 10, 30)).toBeGreaterThanOrEqual({ 1: 0.93, 2: 0.97, 4: 0.99 }[bits]);
  }
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
});

it('refines the scores of the best with two more bits, where it keeps them', async () => {
  const built = async (refine: boolean) => {
    const directory = fresh();
    await buildPlaid({ directory, embedder, documents, options: { refine } });
    return openPlaid(directory, { embedder, effort: { exact: 400 } });
  };
  await using coarse = await built(false);
  await using refined = await built(true);
  const { tokens, bytes } = refined.stats();
  expect(bytes - coarse.stats().bytes).toBeCloseTo((tokens * embedder.tokenDimensions) / 4 + 4 * 16 * 7, -3);
  const error = async (index: PlaidIndex) => {
    let sum = 0;
    for (const query of queries) {
      const truth = new Map((await bruteForce(query, documents)).map(({ id, score }) => [id, score]));
      for (const { document, score } of await index.retrieve(query, { topK: 10 })) sum += Math.abs(score - truth.get(document.id)!);
    }
    return sum;
  };
  expect(await error(refined)).toBeLessThan((await error(coarse)) / 4);
  expect(await recall(refined, documents, 10)).toBeGreaterThan(await recall(coarse, documents, 10));
  // What comes in later is kept the same way.
  await refined.add([{ id: 'late', text: queries[0]! }]);
  expect((await refined.retrieve(queries[0]!, { topK: 1 }))[0]).toMatchObject({ document: { id: 'late' } });
  await refined.remove(['late']);
  await refined.retrain();
  expect(await error(refined)).toBeLessThan((await error(coarse)) / 3);
});

it('looks at more where there is more', () => {
  expect(effortFor(100, { documents: 5_000, tokens: 1_000_000 })).toEqual({ probes: Infinity, exact: 500 });
  expect(effortFor(100, { documents: 24_000, tokens: 4_000_000 })).toEqual({ probes: Infinity, exact: 2_000 });
  expect(effortFor(100, { documents: 1_000_000, tokens: 160_000_000 })).toEqual({ probes: 4, exact: 4_000 });
  expect(effortFor(10, { documents: 1_000_000, tokens: 160_000_000 })).toMatchObject({ exact: 400 });
  expect(effortFor(3, { documents: 100, tokens: 9 }, { exact: 1 })).toMatchObject({ exact: 3 });
});

it('is the same index for the same seed, whatever the batches', async () => {
  const some = documents.slice(0, 80);
  const files = async (seed: number) => {
    const directory = fresh();
    await buildPlaid({ directory, embedder, documents: some, options: { seed } });
    const manifest = await openPlaid(directory, { embedder, readOnly: true });
    const results = await manifest.retrieve(queries[0]!, { topK: 10 });
    await manifest.close();
    return { results, names: await readdir(directory), text: await readFile(join(directory, 'manifest.json'), 'utf8') };
  };
  const [one, two, other] = [await files(3), await files(3), await files(4)];
  expect(one).toEqual(two);
  expect(other.text).not.toBe(one.text);
});

it('may be empty, may have one document, may have documents without tokens', async () => {
  const directory = fresh();
  await buildPlaid({ directory, embedder, documents: [] as { id: string; text: string }[] });
  await using index = await openPlaid(directory, { embedder });
  expect(await index.retrieve('w1 w2', { topK: 5 })).toEqual([]);
  await index.add([{ id: 'one', text: 'w1 w2 w3' }]);
  expect((await index.retrieve('w1 w2', { topK: 5 })).map(({ document }) => document.id)).toEqual(['one']);
  await index.add([{ id: 'none', text: '...' }]);
  expect((await index.retrieve('w1 w2', { topK: 5 })).map(({ document, score }) => [document.id, score > 0.9])).toEqual([
    ['one', true],
    ['none', false],
  ]);
  expect(await index.remove(['one', 'none', 'unknown'])).toBe(2);
  expect(await index.retrieve('w1 w2', { topK: 5 })).toEqual([]);
  expect(index.stats().documents).toBe(0);
  await index.verify();
});

it('refuses another embedder, a second writer, a folder without an index and bad documents', async () => {
  const directory = fresh();
  await expect(openPlaid(directory, { embedder })).rejects.toMatchObject({ code: 'not_found' });
  await buildPlaid({ directory, embedder, documents: documents.slice(0, 20) });
  await expect(openPlaid(directory, { embedder: clusteredEmbedder({ id: 'other' }) })).rejects.toMatchObject({
    code: 'invalid_config',
    details: { reason: 'embedder_mismatch', stored: 'clustered', given: 'other' },
  });
  await using index = await openPlaid(directory, { embedder });
  await expect(openPlaid(directory, { embedder })).rejects.toMatchObject({ code: 'conflict' });
  await expect(buildPlaid({ directory, embedder, documents: [] })).rejects.toMatchObject({ code: 'conflict' });
  await using reader = await openPlaid(directory, { embedder, readOnly: true });
  await expect(reader.remove(['d1'])).rejects.toMatchObject({ code: 'conflict' });
  await index.remove(['d1', 'd2']);
  expect([reader.stats().documents, index.stats().documents]).toEqual([20, 18]);
  expect(await reader.retrieve(queries[0]!, { topK: 20 })).toHaveLength(20);

  const twice = [documents[0]!, documents[0]!];
  await expect(index.add(twice)).rejects.toMatchObject({ code: 'invalid_input', details: { field: 'documents[1].id' } });
  await expect(index.add([{ id: 'x', text: 7 as never }])).rejects.toMatchObject({ code: 'invalid_input' });
  for (const options of [{ bits: 3 as never }, { seed: 0.5 }, { centroids: 0 }, { centroids: 100_000 }]) {
    await expect(buildPlaid({ directory: fresh(), embedder, documents, options })).rejects.toMatchObject({ code: 'invalid_config' });
  }
  await expect(openPlaid(directory, { embedder, effort: { probes: 0 } })).rejects.toMatchObject({ code: 'invalid_input' });
  await index.close();
  await expect(index.retrieve('w1', { topK: 1 })).rejects.toMatchObject({ code: 'unavailable' });
  await expect(index.add([])).rejects.toMatchObject({ code: 'unavailable' });
});

it('refuses vectors that are not what the embedder promised', async () => {
  const lying = (change: (data: Float32Array) => Float32Array): TokenEmbedder => ({
    ...embedder,
    async encode(texts, kind) {
      const { encodings, usage } = await embedder.encode(texts, kind);
      return {
        encodings: encodings.map((one) => ({ ...one!, tokens: { ...one!.tokens, data: change(one!.tokens.data as Float32Array) } })),
        usage,
      };
    },
  });
  for (const change of [(data: Float32Array) => data.map(() => Number.NaN), (data: Float32Array) => data.slice(1)]) {
    const build = buildPlaid({ directory: fresh(), embedder: lying(change), documents: documents.slice(0, 3) });
    await expect(build).rejects.toMatchObject({ code: 'bad_output' });
  }
});

it('reports how far a build is, and ends it when it is told to', async () => {
  const directory = fresh();
  const stages: string[] = [];
  await buildPlaid({ directory, embedder, documents: documents.slice(0, 70), onProgress: ({ stage }) => stages.push(stage) });
  expect([...new Set(stages)]).toEqual(['sample', 'train', 'write']);
  const controller = new AbortController();
  const reason = new Error('enough');
  const building = buildPlaid({
    directory,
    embedder,
    documents,
    signal: controller.signal,
    onProgress: ({ stage }) => stage === 'write' && controller.abort(reason),
  });
  await expect(building).rejects.toBe(reason);
  await using index = await openPlaid(directory, { embedder });
  expect(index.stats().documents).toBe(70);
  expect(await readdir(directory)).toHaveLength(1 + 1 + 1 + 6); // manifest, codec, lock, segment
});
