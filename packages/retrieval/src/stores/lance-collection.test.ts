import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@lancedb/lancedb';
import type { Embedder } from '@resift/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAnalyzer } from '../analyze.ts';
import { openCollection } from './lance-collection.ts';
import { createTable, tableSchema } from './lance-table.ts';
import type { PreparedDocument } from './prepare-documents.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'resift-collection-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Points on a circle around 40 corners of a cube, by number. */
function vector(number: number): Float32Array {
  const corner = number % 40;
  const values = Float32Array.from({ length: 8 }, (_, i) => ((corner >> (i % 6)) & 1 ? 1 : -1) + 0.3 * Math.sin(number * (i + 1)));
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}
const embedder: Embedder = {
  id: 'numbers',
  dimensions: 8,
  embed: async (texts) => ({ vectors: texts.map((text) => vector(Number(text))), usage: {} }),
};
const document = (number: number): PreparedDocument => {
  const id = `d${number}`;
  const text = String(number);
  const metadata = { rare: number % 100 === 3 };
  return {
    id,
    text,
    metadata,
    createdAt: 0,
    passages: [{ id: `${id}#0`, documentId: id, text, start: 0, end: text.length, metadata }],
    vectors: [vector(number)],
  };
};

it('searches vectors through an index once there are enough, exactly behind a filter, and sees what came after', async () => {
  const database = await connect(directory);
  const answers = [];
  for (const [name, indexVectorsFrom] of [
    ['indexed', 1_000],
    ['flat', 1_000_000],
  ] as const) {
    await createTable(database, name, tableSchema(8, embedder.id));
    const collection = await openCollection(database, name, {
      embedder,
      analyze: createAnalyzer(),
      indexVectorsFrom,
      keepVersionsMs: 60_000,
    });
    await collection.commit(Array.from({ length: 1_200 }, (_, i) => document(i)));
    await collection.optimize();
    await collection.optimize();
    await collection.commit([document(5_000)]);
    const found = async (query: number, filter = {}) =>
      (await collection.searchVectors(String(query), { topK: 12, filter })).map((one) => one.document.documentId);
    answers.push({ near: await found(17), far: await found(5_000), rare: (await found(20, { rare: true })).toSorted() });
    const table = await database.openTable(name);
    expect((await table.listIndices()).some(({ columns }) => columns.includes('vector'))).toBe(name === 'indexed');
    collection.close();
  }
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]!.far[0]).toBe('d5000');
  expect(answers[0]!.rare).toHaveLength(12);
});

it('makes its index anew where there are twice as many as it was made for, also after a restart, and keeps one', async () => {
  const database = await connect(directory);
  await createTable(database, 'growing', tableSchema(8, embedder.id));
  const settings = { embedder, analyze: createAnalyzer(), indexVectorsFrom: 1_000, keepVersionsMs: 0 };
  const names = async () => {
    const table = await database.openTable('growing');
    return (await table.listIndices()).flatMap(({ name, columns }) => (columns.includes('vector') ? [name] : []));
  };
  const made: string[][] = [];
  for (const [from, to] of [
    [0, 900],
    [900, 1_000],
    [1_000, 1_900],
    [1_900, 2_400],
  ] as const) {
    const collection = await openCollection(database, 'growing', settings);
    await collection.commit(Array.from({ length: to - from }, (_, i) => document(from + i)));
    await collection.optimize();
    await collection.optimize();
    made.push(await names());
    expect((await collection.searchVectors(String(to - 1), { topK: 12 })).map((one) => one.document.documentId)).toContain(`d${to - 1}`);
    collection.close();
  }
  expect(made).toEqual([[], ['vector_1000'], ['vector_1000'], ['vector_2400']]);
});
