/**
 * `/v2/rerank` with mini beside transformers.js and bare onnxruntime-node on the same weights and the same texts, in turns: `node scripts/run-source.mjs apps/api/bench/mini-peers.ts`.
 * It installs transformers.js (0.5 GB) into a folder of its own, which it removes.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { bertTokenizerJson } from '@resift/models/testing/bert-tokenizer-json';
import { openModels } from 'resift';
import { modelsFolder, onnxRuntime } from '../../../packages/models-en/src/index.ts';
import { median, report } from './bench-report.ts';
import { dl21Queries, PASSAGES } from './dl21-passages.ts';
import { startBenchServer } from './start-bench-server.ts';

const VERSION = '4.3.1';
const ROUNDS = Number(process.env['ROUNDS'] ?? 7);
const THREADS = 2;
const MAX_TOKENS = 256;
const queries = dl21Queries().slice(0, ROUNDS + 1);
const project = mkdtempSync(join(tmpdir(), 'resift-transformers-bench-'));

try {
  installTransformers();
  await measure();
} finally {
  rmSync(project, { recursive: true, force: true });
}

async function measure() {
  const peer = spawn(process.execPath, [join(import.meta.dirname, 'transformers-peer.mjs'), project, 'mini'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const replies = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  const reply = async () => JSON.parse((await replies.next()).value as string) as { ms: number; cpuMs: number; width: number };
  await reply();
  const bare = Array.from({ length: THREADS }, () => {
    const workerData = { model: join(modelsFolder, 'embed.onnx'), runtime: onnxRuntime() };
    return new Worker(join(import.meta.dirname, 'bare-onnx.mjs'), { workerData });
  });
  await Promise.all(bare.map((worker) => once(worker, 'message')));
  await using models = await openModels({ workers: 1 });
  const server = await startBenchServer();

  const taken = { transformers: [] as Taken[], bare: [] as Taken[], mini: [] as Taken[] };
  const widths: number[] = [];
  const lengths: number[] = [];
  for (const [round, { query, texts }] of queries.entries()) {
    peer.stdin.write(`${JSON.stringify({ texts })}\n`);
    const { width, ...transformers } = await reply();
    const rows = texts.map((text) => idsOf(models.tokenizer, text)).sort((a, b) => b.length - a.length);
    const one = {
      transformers,
      bare: await timed(ownCpuMs, () => {
        // In turns from the longest on, so that no thread has much more to do than another.
        for (const [share, worker] of bare.entries()) worker.postMessage(rows.filter((_row, i) => i % THREADS === share));
        return Promise.all(bare.map((worker) => once(worker, 'message')));
      }),
      mini: await timed(server.cpuMs, () => server.post('/v2/rerank', { model: 'resift-mini', query, documents: texts })),
    };
    if (round === 0) continue; // it warms up
    for (const name of ['transformers', 'bare', 'mini'] as const) taken[name].push(one[name]);
    widths.push(width);
    lengths.push(rows.reduce((sum, ids) => sum + ids.length, 0) / rows.length);
  }
  peer.stdin.end();
  await Promise.all(bare.map((worker) => worker.terminate()));
  await server.stop();
  write(taken, median(widths), median(lengths));
}

interface Taken {
  readonly ms: number;
  readonly cpuMs: number;
}

async function timed(cpuMs: () => number, work: () => Promise<unknown>): Promise<Taken> {
  const [started, before] = [performance.now(), cpuMs()];
  await work();
  return { ms: performance.now() - started, cpuMs: cpuMs() - before };
}

function ownCpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function idsOf(tokenizer: object, text: string): BigInt64Array {
  const { ids } = (tokenizer as { encode(text: string, options: object): { ids: Int32Array } }).encode(text, { maxTokens: MAX_TOKENS - 2 });
  return BigInt64Array.from([101, ...ids, 102].map(BigInt));
}

function write({ transformers, bare, mini }: Record<'transformers' | 'bare' | 'mini', readonly Taken[]>, width: number, length: number) {
  const ms = (all: readonly Taken[]) => median(all.map((one) => one.ms));
  const cpuMs = (all: readonly Taken[]) => median(all.map((one) => one.cpuMs));
  /** Of one round each, so that a slow minute weighs on both alike. */
  const share = (of: readonly Taken[], key: keyof Taken) => median(of.map((one, i) => one[key] / mini[i]![key]));
  const row = (name: string, all: readonly Taken[]) =>
    `| ${name} | ${ms(all).toFixed(0)} | ${cpuMs(all).toFixed(0)} | ${share(all, 'ms').toFixed(2)} | ${share(all, 'cpuMs').toFixed(2)} |`;
  report(
    'mini-peers',
    'node scripts/run-source.mjs apps/api/bench/mini-peers.ts',
    `${PASSAGES} passages of ${length.toFixed(0)} tokens on average, the same for all three, median of ${ROUNDS} rounds in turns. A share is that row's time over that of \`/v2/rerank\` in the same round.

| the weights of mini                                              | ms | processor ms | share | by processor time |
| --- | --- | --- | --- | --- |
${row(`transformers.js ${VERSION}, one call with all texts (padded to ${width})`, transformers)}
${row(`bare onnxruntime-node, ${THREADS} threads, one text at a time`, bare)}
${row('/v2/rerank resift-mini', mini)}

transformers.js tokenizes and runs the model, without a score for any pair; the target is 1.8 times \`/v2/rerank\`, and 0.9 for bare onnxruntime-node, which only runs the model on token ids.`,
  );
}

function installTransformers() {
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, dependencies: { '@huggingface/transformers': VERSION } }));
  const flags = ['install', '--no-audit', '--no-fund', '--onnxruntime-node-install=skip', '--ignore-scripts'];
  const { status, stderr } = spawnSync('npm', flags, { cwd: project, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm install failed:\n${stderr}`);
  const model = join(project, 'models/mini');
  mkdirSync(join(model, 'onnx'), { recursive: true });
  cpSync(join(modelsFolder, 'embed.onnx'), join(model, 'onnx/model.onnx'));
  const json = (name: string, value: object) => writeFileSync(join(model, name), JSON.stringify(value));
  json('config.json', { model_type: 'bert', architectures: ['BertModel'], hidden_size: 384, max_position_embeddings: 512 });
  const names = { pad_token: '[PAD]', unk_token: '[UNK]', cls_token: '[CLS]', sep_token: '[SEP]', mask_token: '[MASK]' };
  json('tokenizer_config.json', { tokenizer_class: 'BertTokenizer', model_max_length: MAX_TOKENS, do_lower_case: true, ...names });
  const words = readFileSync(join(modelsFolder, 'vocab.txt'), 'utf8').split('\n').filter(Boolean);
  const [cls, sep] = ['[CLS]', '[SEP]'].map((id) => ({ SpecialToken: { id, type_id: 0 } }));
  json('tokenizer.json', {
    ...bertTokenizerJson(words),
    post_processor: {
      type: 'TemplateProcessing',
      single: [cls, { Sequence: { id: 'A', type_id: 0 } }, sep],
      pair: [cls, { Sequence: { id: 'A', type_id: 0 } }, sep, { Sequence: { id: 'B', type_id: 1 } }, sep],
      special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [words.indexOf(id)], tokens: [id] }])),
    },
  });
}
