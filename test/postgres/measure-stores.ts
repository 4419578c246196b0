// What a million chunks cost on disk and in memory, measured on fewer: `node --conditions=@resift/source --import tsx test/postgres/measure-stores.ts [chunks]`.
// Vectors are random numbers of the shipped embedder's size; texts are random words of about 100 tokens. Prints JSON.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Embedder } from '@resift/core';
import { openLanceStore } from '@resift/retrieval/stores/lancedb';
import { openPostgresStore } from '@resift/retrieval/stores/postgres';
import type { Store } from '@resift/retrieval/stores/store';
import pg from 'pg';
import { wordTokenizer } from '../contracts/hashing-embedder.ts';
import { startPostgres } from './postgres-server.ts';

const CHUNKS = Number(process.argv[2] ?? 5_000);
const DIMENSIONS = 384;
let seed = 1;
const random = () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return seed / 2 ** 31;
};
const embedder: Embedder = {
  id: 'random',
  dimensions: DIMENSIONS,
  embed: async (texts) => ({ vectors: texts.map(() => Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5)), usage: {} }),
};
const text = () => Array.from({ length: 100 }, () => `word${Math.floor(random() ** 3 * 30_000)}`).join(' ');
const setup = { embedder, tokenizer: wordTokenizer };

async function fill(store: Store) {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const began = performance.now();
  for (let done = 0; done < CHUNKS; done += 500)
    await store.put(
      'c',
      Array.from({ length: Math.min(500, CHUNKS - done) }, (_, i) => ({ id: `d${done + i}`, text: text() })),
    );
  const seconds = (performance.now() - began) / 1_000;
  const search = async (leg: 'bm25' | 'dense') => {
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      const started = performance.now();
      await store.retriever('c', leg).retrieve('word3 word500 word9000', { topK: 100 });
      times.push(performance.now() - started);
    }
    return Math.round(times.sort((a, b) => a - b)[10]! * 10) / 10;
  };
  return {
    chunksPerSecond: Math.round(CHUNKS / seconds),
    rssBytesPerChunk: Math.round((process.memoryUsage.rss() - before) / CHUNKS),
    bm25P50Ms: await search('bm25'),
    denseP50Ms: await search('dense'),
  };
}

async function folderBytes(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    files.filter((file) => file.isFile()).map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const directory = await mkdtemp(join(tmpdir(), 'resift-measure-'));
const server = await startPostgres();
try {
  const postgres = await openPostgresStore({ ...setup, url: server.url, schema: 'measure' });
  const ofPostgres = await fill(postgres);
  const client = new pg.Client(server.url);
  await client.connect();
  const { rows } = await client.query<{ bytes: string }>(
    `SELECT sum(pg_total_relation_size(c.oid)) AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'measure' AND c.relkind = 'r'`,
  );
  await client.end();
  await postgres.close();
  const lance = await openLanceStore({ ...setup, directory });
  const ofLance = await fill(lance);
  await lance.close();
  const result = {
    chunks: CHUNKS,
    dimensions: DIMENSIONS,
    postgres: { diskBytesPerChunk: Math.round(Number(rows[0]!.bytes) / CHUNKS), ...ofPostgres },
    lancedb: { diskBytesPerChunk: Math.round((await folderBytes(directory)) / CHUNKS), ...ofLance },
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
