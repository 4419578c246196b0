import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { TokenEmbedder } from '@resift/core';
import { openEmbedded } from '../../models/src/embedded.ts';
import { createOnnxPool } from '../../models/src/onnx-pool.ts';
import { modelsFolder, onnxRuntime } from '../../models-en/src/index.ts';
import { compareWith } from '../src/late/compare.ts';
import { buildPlaid } from '../src/plaid/build-plaid.ts';
import { tokenRows } from '../src/plaid/encode-documents.ts';
import { openPlaid } from '../src/plaid/open-plaid.ts';
import { exactMaxSim } from './exact-maxsim.ts';
import { keptVectors } from './kept-vectors.ts';
import { plaidCorpus } from './plaid-corpus.ts';

// The PLAID index against exact MaxSim on public texts, with the embedded encoder; the results go into docs/benchmarks-plaid.md.
//   node --conditions=@resift/source --import tsx packages/retrieval/bench/plaid.ts --documents 5000 [--queries 100] [--bits 4,2,1]
// Vectors are encoded once and kept in packages/retrieval/.runs (about 0.3 GB for 5,000 documents of SciFact, 1 GB for 50,000).
const { values } = parseArgs({
  options: {
    documents: { type: 'string', default: '5000' },
    queries: { type: 'string', default: '100' },
    bits: { type: 'string', default: '4,2,1' },
    workers: { type: 'string', default: '1' },
    data: { type: 'string', default: new URL('../../../../shared/data', import.meta.url).pathname },
    'encode-only': { type: 'boolean', default: false },
    tuning: { type: 'boolean', default: false },
    'no-write': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    probes: { type: 'string' },
    exact: { type: 'string' },
  },
});
const TOP = 100;
const root = new URL('../../..', import.meta.url).pathname;
const count = Number(values.documents);
const say = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
const every = (step: number, what: string) => (done: number) => done % step < 32 && say(`${what} ${done}`);
const effort = Object.fromEntries(
  (['probes', 'exact'] as const).flatMap((name) => (values[name] === undefined ? [] : [[name, Number(values[name])]])),
);

const { documents, queries } = plaidCorpus(values.data, count, Number(values.queries), values.tuning ? 'tuning' : 'report');
const texts = documents.map(({ text }) => text);
// A busy machine may let one run wait for minutes.
await using pool = createOnnxPool({
  workers: Number(values.workers),
  runtime: onnxRuntime(),
  runTimeoutMs: 900_000,
  loadTimeoutMs: 900_000,
});
await using models = await openEmbedded(modelsFolder, { pool });
const encoder = await models.encoder('embed');
const runs = join(root, 'packages/retrieval/.runs', `plaid-${count}-${models.hash('embed')}`);
const kept = await keptVectors(runs, texts, encoder, every(1_000, 'encoded'));
say(`${kept.tokens} tokens, encoded in ${(kept.encodeMs / 1000).toFixed(0)} s (0 where they were kept)`);
const asked = new Map((await encoder.encode(queries, 'query')).encodings.map((encoding, i) => [queries[i]!, encoding]));
/** Questions are encoded before, so that a search is a search. */
const known: TokenEmbedder = {
  ...kept.embedder,
  encode: async (texts, kind, options) =>
    kind === 'query' ? { encodings: texts.map((text) => asked.get(text)), usage: {} } : kept.embedder.encode(texts, kind, options),
};
if (!values['encode-only']) await measure();

async function measure() {
  const truthFile = join(runs, `exact-${values.tuning ? 'tuning' : 'report'}-${queries.length}.json`);
  if (!existsSync(truthFile)) {
    const made = await exactMaxSim(kept.embedder, texts, queries, TOP, (done) => say(`compared ${done}`));
    await writeFile(truthFile, JSON.stringify(made));
  }
  const truth = JSON.parse(await readFile(truthFile, 'utf8')) as Awaited<ReturnType<typeof exactMaxSim>>;
  const raw = kept.tokens * encoder.tokenDimensions * 4;
  const compareAllMs = await comparedAll();
  const lines: string[] = [];
  for (const bits of values.bits.split(',').map(Number) as (1 | 2 | 4)[]) lines.push(await measureBits(bits, truth, raw));
  const load = (await readFile('/proc/loadavg', 'utf8').catch(() => 'unknown')).split(' ').slice(0, 2).join(', ');
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  const section = [
    `## ${count.toLocaleString('en')} documents`,
    '',
    `${kept.tokens.toLocaleString('en')} tokens of ${encoder.tokenDimensions} numbers, ${(raw / 1e6).toFixed(0)} MB as float32. ${queries.length} queries, the best ${TOP} of each. Comparing all vectors of a query takes ${compareAllMs.toFixed(0)} ms of one core (int8, as kept by a store, 128-bit instructions; \`late/compare.ts\`).`,
    `Measured ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${cpus().length} cores of ${cpus()[0]?.model.trim()}, load ${load}, commit ${commit}, encoder ${encoder.id}.`,
    '',
    '| bits | top 10 within the 100 | recall@100 | exact scores a query | fewer than all | index, % of float32 | build, s (without encoding) | search, ms of one core | p50, ms | p95, ms |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
  process.stdout.write(`${section}\n`);
  if (!values['no-write']) await writeSection(section);
}

/** What a search costs that compares all vectors, from memory, one query after another. */
async function comparedAll(): Promise<number> {
  const some = queries.slice(0, 5).map((query) => compareWith(tokenRows(encoder, asked.get(query)), encoder.tokenDimensions));
  let busy = 0;
  for (const text of texts) {
    const { encodings } = await kept.embedder.encode([text], 'document');
    for (const compare of some) {
      compare(encodings[0]!.tokens); // puts its query in place
      const began = process.cpuUsage();
      compare(encodings[0]!.tokens);
      const { user, system } = process.cpuUsage(began);
      busy += user + system;
    }
  }
  return busy / 1_000 / some.length;
}

async function measureBits(bits: 1 | 2 | 4, truth: { readonly best: number[][] }, raw: number): Promise<string> {
  const directory = join(runs, `index-${bits}`);
  let buildMs = Number.NaN;
  if (!values.keep || !existsSync(directory)) {
    await rm(directory, { recursive: true, force: true });
    const began = performance.now();
    const onProgress = ({ stage, done, total }: { stage: string; done: number; total: number }) => {
      if (stage === 'train' || done % 5_000 === 0) say(`${bits} bits: ${stage} ${done.toFixed(0)} of ${total}`);
    };
    await buildPlaid({ directory, embedder: kept.embedder, documents, options: { bits }, onProgress });
    buildMs = performance.now() - began;
  }
  await using index = await openPlaid(directory, { embedder: known, effort });
  await index.retrieve(queries[0]!, { topK: TOP });

  let [top10, top100, exact, candidates] = [0, 0, 0, 0];
  const times: number[] = [];
  const before = process.cpuUsage();
  for (const [i, query] of queries.entries()) {
    const began = performance.now();
    const found = await index.retrieveWithCounts(query, { topK: TOP });
    times.push(performance.now() - began);
    const ids = new Set(found.results.map(({ document }) => Number(document.id)));
    const best = truth.best[i]!;
    top10 += best.slice(0, 10).filter((position) => ids.has(position)).length / 10;
    top100 += best.filter((position) => ids.has(position)).length / best.length;
    exact += found.exact;
    candidates += found.candidates;
  }
  const { user, system } = process.cpuUsage(before);
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]!.toFixed(0);
  const { bytes, centroids, segments } = index.stats();
  const mean = (total: number) => total / queries.length;
  say(`${bits} bits: ${centroids} centroids, ${segments} segment, ${mean(candidates).toFixed(0)} candidates a query`);
  return `| ${[
    bits,
    mean(top10).toFixed(4),
    mean(top100).toFixed(4),
    mean(exact).toFixed(0),
    `${(count / mean(exact)).toFixed(1)}x`,
    ((100 * bytes) / raw).toFixed(1),
    Number.isNaN(buildMs) ? 'kept' : (buildMs / 1000).toFixed(0),
    ((user + system) / 1_000 / queries.length).toFixed(0),
    at(0.5),
    at(0.95),
  ].join(' | ')} |`;
}

async function writeSection(section: string) {
  const path = join(root, 'docs/benchmarks-plaid.md');
  await mkdir(join(root, 'docs'), { recursive: true });
  const text = await readFile(path, 'utf8');
  const mark = (end: string) => `<!-- ${end}plaid:${count} -->`;
  const from = text.indexOf(mark(''));
  const to = text.indexOf(mark('/'));
  if (from < 0 || to < 0) throw new Error(`${path} has no place for ${mark('')}.`);
  await writeFile(path, `${text.slice(0, from)}${mark('')}\n${section}\n${text.slice(to)}`);
}
