/**
 * A large collection of real passages through the store: `node scripts/run-source.mjs apps/api/bench/large-collection.ts [passages]`. Vectors come from the real model, which takes long: what was
 * embedded stays in RESIFT_BENCH_DIR (default: the system's temporary folder), and the next run goes on from there. Token vectors are not kept, so the file stays small.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Passage, Scored } from '@resift/core';
import { hybrid } from '@resift/retrieval/hybrid';
import { openLanceStore } from '@resift/retrieval/stores/lancedb';
import { openModels } from 'resift';
import { report } from './bench-report.ts';
import { quantile } from './quantile.ts';
import { realPassages, realQuestions } from './real-passages.ts';

const WANTED = Number(process.argv[2] ?? 100_000);
const QUESTIONS = 100;
const TOP = 100;
const AT_ONCE = 1_000;
/** Below the store's own default, so that a smaller run goes through the index, too. */
const INDEX_FROM = 10_000;
const PAUSE_MS = 15_000;

const directory = join(process.env['RESIFT_BENCH_DIR'] ?? tmpdir(), 'resift-large-collection');
mkdirSync(directory, { recursive: true });
const passages = realPassages(WANTED);
await using models = await openModels();
const embedder = await models.embedder();
const settings = { directory, embedder, tokenizer: models.tokenizer, indexVectorsFrom: INDEX_FROM };

const perSecond = await ingested();

const opening = performance.now();
const store = await openLanceStore(settings);
const chunks = (await store.collections())[0]!.chunks;
const openedMs = performance.now() - opening;
const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => statSync(join(directory, name)));
const diskBytes = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
const [bm25, dense] = [store.retriever('c', 'bm25'), store.retriever('c', 'dense')];
const both = hybrid({ bm25, dense });

const times: Record<'bm25' | 'dense' | 'hybrid' | 'exact', number[]> = { bm25: [], dense: [], hybrid: [], exact: [] };
let shared = 0;
let wanted = 0;
for (const [turn, query] of realQuestions()
  .slice(0, QUESTIONS + 5)
  .entries()) {
  const time = async (name: keyof typeof times, work: () => Promise<readonly Scored<Passage>[]>) => {
    const from = performance.now();
    const found = await work();
    if (turn >= 5) times[name].push(performance.now() - from);
    return new Set(found.map(({ document }) => document.id));
  };
  // The query's vector is remembered after the first leg, as between retrieval and reranking in the service; the whole search comes first.
  await time('hybrid', () => both.retrieve(query, { topK: TOP }));
  await time('bm25', () => bm25.retrieve(query, { topK: TOP }));
  const near = await time('dense', () => dense.retrieve(query, { topK: TOP }));
  // A filter that all pass makes the search exact.
  const exact = await time('exact', () => dense.retrieve(query, { topK: TOP, filter: { all: true } }));
  if (turn < 5) continue;
  wanted += exact.size;
  shared += [...exact].filter((id) => near.has(id)).length;
}
const p = (name: keyof typeof times) => [0.5, 0.95].map((q) => quantile(times[name], q).toFixed(1)).join(' / ');
report(
  'large-collection',
  'node scripts/run-source.mjs apps/api/bench/large-collection.ts',
  `${chunks} chunks of ${passages.length} real passages of about 60 words (BEIR collections and training sets; 100,000 are asked for), ${QUESTIONS} of their questions, ${TOP} results, in one process; p50 / p95 in ms, the query's own vector included in the first.

| search | p50 / p95 |
| --- | --- |
| hybrid (target 30 at p50) | ${p('hybrid')} |
| words alone (BM25) | ${p('bm25')} |
| vectors alone, through the index | ${p('dense')} |
| vectors alone, exact | ${p('exact')} |

Recall@${TOP} of the vectors' leg against the exact search: ${(shared / wanted).toFixed(4)} (target 0.98). The index is made from ${INDEX_FROM} passages on here, by default from 50,000. Opening the collection, as every start does, reads all words: ${(openedMs / 1000).toFixed(1)} s. On disk: ${(diskBytes / chunks / 1000).toFixed(1)} kB a chunk, ${(diskBytes / 2 ** 20).toFixed(0)} MiB in all.${perSecond ? ` Ingested without token vectors at ${perSecond.toFixed(0)} a second.` : ''}`,
);
await store.close();

/** Stores what is not stored yet. Gives back passages a second, if there were any. */
async function ingested(): Promise<number | undefined> {
  const store = await openLanceStore(settings);
  await store.createCollection('c');
  const there = (await store.collections()).find(({ name }) => name === 'c')!.documents;
  const began = performance.now();
  for (let at = there; at < passages.length; at += AT_ONCE) {
    const documents = passages.slice(at, at + AT_ONCE).map((text, i) => ({ id: `p${at + i}`, text, metadata: { all: true } }));
    await store.put('c', documents);
    console.error(`${Math.min(passages.length, at + AT_ONCE)} of ${passages.length} passages`);
  }
  const perSecond = (1000 * (passages.length - there)) / (performance.now() - began);
  // In the pause after an ingestion the store merges files and indexes what is new.
  if (there < passages.length) await setTimeout(PAUSE_MS);
  await store.close();
  return there < passages.length ? perSecond : undefined;
}
