/**
 * Pairs per second of `/v2/rerank` through HTTP beside sentence-transformers' CrossEncoder in the same run, in turns, on texts that
 * neither has seen: `node scripts/run-source.mjs apps/api/bench/rerank-speed.ts`. Ratios are what counts: machines differ by 2x.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { readConfig } from '../src/config.ts';
import { openApp } from '../src/open-app.ts';
import { listen } from '../src/server.ts';

const root = join(import.meta.dirname, '../../..');
const data = join(process.env['RESIFT_DATASETS'] ?? join(root, '../shared/data'), 'rerank/dl21_bm25.jsonl.gz');
const python = join(process.env['RESIFT_VENV'] ?? '/opt/resift/venv', 'bin/python');
const ROUNDS = 7;
const PASSAGES = 100;
const MODELS = ['resift-tiny', 'resift-cascade', 'resift-mini'];

for (const [what, path] of [
  ['the data set', data],
  ['the Python environment (scripts/ci-machine makes it)', python],
]) {
  if (existsSync(path!)) continue;
  console.error(`Not run: ${what} is not at ${path}.`);
  process.exit(1);
}

const queries = gunzipSync(readFileSync(data))
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { query: string; candidates: { text: string }[] })
  .filter(({ candidates }) => candidates.length >= PASSAGES);
if (queries.length < (ROUNDS + 1) * (MODELS.length + 1)) throw new Error('Too few queries for unseen texts in every round.');

const peer = spawn(python, [join(import.meta.dirname, 'cross_encoder_peer.py'), join(root, 'packages/models-en/models/vocab.txt')], {
  stdio: ['pipe', 'pipe', 'ignore'],
});
const replies = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const reply = async () => JSON.parse((await replies.next()).value as string) as Record<string, number>;
const about = await reply();

const directory = mkdtempSync(join(tmpdir(), 'resift-bench-'));
const config = readConfig({ RESIFT_DATA_DIR: directory, RESIFT_LOG_LEVEL: 'silent', RESIFT_DEMO: 'off', PORT: '0', HOST: '127.0.0.1' });
const app = await openApp(config);
const server = await listen(app, config);

let next = 0;
const unseen = () => {
  const { query, candidates } = queries[next++]!;
  return { query, texts: candidates.slice(0, PASSAGES).map(({ text }) => text) };
};
const seconds: Record<string, number[]> = { peer: [], ...Object.fromEntries(MODELS.map((model) => [model, []])) };

for (let round = -1; round < ROUNDS; round++) {
  peer.stdin.write(`${JSON.stringify(unseen())}\n`);
  const { seconds: taken } = await reply();
  if (round >= 0) seconds['peer']!.push(taken!);
  for (const model of MODELS) {
    const { query, texts } = unseen();
    const started = performance.now();
    const response = await fetch(`${server.url}/v2/rerank`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, query, documents: texts }),
    });
    const { results } = (await response.json()) as { results: unknown[] };
    if (results.length !== texts.length) throw new Error(`${model} answered ${results.length} of ${texts.length}.`);
    if (round >= 0) seconds[model]!.push((performance.now() - started) / 1000);
  }
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const reference = median(seconds['peer']!);
console.log(
  `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}, torch ${about['torch']} (${about['threads']} threads); ${PASSAGES} passages, median of ${ROUNDS} rounds\n`,
);
console.log('| ranker | ms | pairs/s | ratio |\n|---|---|---|---|');
for (const [name, values] of Object.entries(seconds)) {
  const taken = median(values);
  const label = name === 'peer' ? 'sentence-transformers CrossEncoder, PyTorch fp32, 6 x 384' : `/v2/rerank ${name}`;
  console.log(`| ${label} | ${(taken * 1000).toFixed(0)} | ${(PASSAGES / taken).toFixed(0)} | ${(reference / taken).toFixed(1)} |`);
}

peer.stdin.end();
await once(peer, 'close');
await server.stop();
await app.close();
rmSync(directory, { recursive: true, force: true });
