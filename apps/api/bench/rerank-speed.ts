/**
 * 100 passages through HTTP beside sentence-transformers' CrossEncoder and bare onnxruntime-node in the same run, in turns, on texts that none has seen; and 100
 * passages whose token vectors the store keeps: `node scripts/run-source.mjs apps/api/bench/rerank-speed.ts`. Ratios are what counts: machines differ by 2x.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { openModels } from 'resift';
import { modelsFolder, onnxRuntime } from '../../../packages/models-en/src/index.ts';
import { median, report } from './bench-report.ts';
import { dl21Queries, PASSAGES } from './dl21-passages.ts';
import { startBenchServer } from './start-bench-server.ts';

const python = join(process.env['RESIFT_VENV'] ?? '/opt/resift/venv', 'bin/python');
const ROUNDS = Number(process.env['ROUNDS'] ?? 7);
const STORED_QUERIES = 8;
const MODELS = ['resift-tiny', 'resift-cascade', 'resift-mini'];
const PEER = 'sentence-transformers CrossEncoder, PyTorch fp32, 6 x 384';
const BARE = 'bare onnxruntime-node on the model of mini, as many threads';

if (!existsSync(python)) {
  console.error(`Not run: the Python environment (scripts/ci-machine makes it) is not at ${python}.`);
  process.exit(1);
}
const queries = dl21Queries();
if (queries.length < (ROUNDS + 1) * (MODELS.length + 2)) throw new Error('Too few queries for unseen texts in every round.');
let next = 0;
const unseen = () => queries[next++]!;

const peer = spawn(python, [join(import.meta.dirname, 'cross_encoder_peer.py'), join(modelsFolder, 'vocab.txt')], {
  stdio: ['pipe', 'pipe', 'ignore'],
});
const replies = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const reply = async () => JSON.parse((await replies.next()).value as string) as Record<string, number>;
const about = await reply();

const threads = Math.min(4, availableParallelism());
const bare = Array.from(
  { length: threads },
  () =>
    new Worker(join(import.meta.dirname, 'bare-onnx.mjs'), {
      workerData: { model: join(modelsFolder, 'embed.onnx'), runtime: onnxRuntime() },
    }),
);
await Promise.all(bare.map((worker) => once(worker, 'message')));
await using models = await openModels({ workers: 1 });
// What is asked once more is to be reranked once more.
const server = await startBenchServer({ RESIFT_SEARCH_CACHE_MB: '0' });

interface Taken {
  readonly ms: number;
  readonly cpuMs: number;
}
const taken: Record<string, Taken[]> = {};
const tokens: number[] = [];
/** The round before the first warms up. */
const note = (name: string, round: number, one: Taken) => {
  if (round >= 0) taken[name] = [...(taken[name] ?? []), one];
};
const time = async (name: string, round: number, cpuMs: () => number, work: () => Promise<unknown>) => {
  const [started, cpu] = [performance.now(), cpuMs()];
  await work();
  note(name, round, { ms: performance.now() - started, cpuMs: cpuMs() - cpu });
};
const ownCpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

for (let round = -1; round < ROUNDS; round++) {
  const asked = unseen();
  peer.stdin.write(`${JSON.stringify(asked)}\n`);
  const { seconds, cpuSeconds } = await reply();
  note(PEER, round, { ms: 1000 * seconds!, cpuMs: 1000 * cpuSeconds! });

  // The same texts as for mini below; neither keeps anything.
  const common = unseen();
  const rows = await tokenized(common.texts);
  tokens.push(...rows.map((ids) => ids.length));
  // In turns from the longest on, so that no thread has much more to do than another.
  const shares = bare.map((_, share) => rows.filter((_row, i) => i % threads === share));
  await time(BARE, round, ownCpuMs, () => {
    for (const [share, worker] of bare.entries()) worker.postMessage(shares[share]);
    return Promise.all(bare.map((worker) => once(worker, 'message')));
  });

  for (const model of MODELS) {
    const { query, texts } = model === 'resift-mini' ? common : unseen();
    await time(`/v2/rerank ${model}`, round, server.cpuMs, async () => {
      const { results } = await server.post<{ results: unknown[] }>('/v2/rerank', { model, query, documents: texts });
      if (results.length !== texts.length) throw new Error(`${model} answered ${results.length} of ${texts.length}.`);
    });
  }
}

const kept = await measureStored();
const middle = (name: string): Taken => ({
  ms: median(taken[name]!.map(({ ms }) => ms)),
  cpuMs: median(taken[name]!.map(({ cpuMs }) => cpuMs)),
});
const reference = middle(PEER);
const rowsOf = Object.keys(taken).map((name) => row(name, middle(name)));
rowsOf.push(
  row('kept token vectors, first time', { ms: kept.first, cpuMs: kept.firstCpuMs }),
  row('kept token vectors, once more', { ms: kept.again, cpuMs: Number.NaN }),
  row('whole /v1/search over kept token vectors', { ms: kept.requestMs, cpuMs: kept.requestCpuMs }),
);
const [bareTaken, mini] = [middle(BARE), middle('/v2/rerank resift-mini')];
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
report(
  'rerank-speed',
  'node scripts/run-source.mjs apps/api/bench/rerank-speed.ts',
  `${PASSAGES} passages of ${(tokens.reduce((sum, each) => sum + each, 0) / tokens.length).toFixed(0)} tokens on average, median of ${ROUNDS} rounds in turns; torch ${about['torch']} with ${about['threads']} threads.

| ranker | ms | pairs/s | times the CrossEncoder | processor ms | times, by processor time |
| --- | --- | --- | --- | --- | --- |
${rowsOf.join('\n')}

\`/v2/rerank resift-mini\` reaches ${percent(bareTaken.ms / mini.ms)} of bare onnxruntime-node (target 90), by processor time ${percent(bareTaken.cpuMs / mini.cpuMs)}. Where others use the machine too, the clock is unfair to the
CrossEncoder, whose threads wait for each other; processor time (its with one thread) is not. Kept token vectors: the rerank stage of \`/v1/search\` with ${PASSAGES} candidates over ${kept.passages} passages (\`rerank.elapsedMs\`; median of
${STORED_QUERIES} queries, each for the first time and once more; its processor time is
that of the whole request less that of one with \`rerank: false\`). ${kept.compared} of their scores compared with \`/v2/rerank resift-mini\` on the same texts: ${kept.different === 0 ? 'all equal to the last bit' : `${kept.different} differ`}.
Those ${kept.passages} passages were ingested at ${kept.perSecond.toFixed(0)} a second, token vectors included.`,
);

peer.stdin.end();
await once(peer, 'close');
await Promise.all(bare.map((worker) => worker.terminate()));
await server.stop();

function row(name: string, { ms, cpuMs }: Taken) {
  const times = [(1000 * PASSAGES) / ms, reference.ms / ms, cpuMs, reference.cpuMs / cpuMs];
  const cells = times.map((value, i) => (Number.isNaN(value) ? '' : value.toFixed(i % 2)));
  return `| ${[name, ms.toFixed(ms < 100 ? 1 : 0), ...cells].join(' | ')} |`;
}

function mean(values: readonly number[]) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function tokenized(texts: readonly string[]): Promise<BigInt64Array[]> {
  const { tokenizer } = models;
  const rows = texts.map((text) => {
    const { ids } = (tokenizer as unknown as { encode(text: string, options: object): { ids: Int32Array } }).encode(text, {
      maxTokens: 254,
    });
    return BigInt64Array.from([101, ...ids, 102].map(BigInt));
  });
  return rows.sort((a, b) => b.length - a.length);
}

interface Found {
  readonly results: readonly { readonly text: string; readonly score: number }[];
  readonly rerank: { readonly elapsedMs: number; readonly scored: number; readonly cacheHits: number };
}

async function measureStored() {
  const chosen = queries.slice(0, STORED_QUERIES);
  const texts = [...new Set(chosen.flatMap(({ texts }) => texts))];
  const started = performance.now();
  for (let at = 0; at < texts.length; at += 500) {
    const documents = texts.slice(at, at + 500).map((text, i) => ({ id: `p${at + i}`, text }));
    await server.post('/v1/documents', { documents });
  }
  const perSecond = (1000 * texts.length) / (performance.now() - started);

  const passes: { first: number[]; again: number[]; request: number[] } = { first: [], again: [], request: [] };
  const cpu: { first: number[]; again: number[] } = { first: [], again: [] };
  const plain: number[] = [];
  let compared = 0;
  let different = 0;
  for (const { query } of chosen) {
    const asked = server.cpuMs();
    await server.post('/v1/search', { query, candidates: PASSAGES, top_k: PASSAGES, rerank: false });
    plain.push(server.cpuMs() - asked);
    for (const pass of ['first', 'again'] as const) {
      const [before, cpuBefore] = [performance.now(), server.cpuMs()];
      const { results, rerank } = await server.post<Found>('/v1/search', {
        query,
        candidates: PASSAGES,
        top_k: PASSAGES,
        preset: 'balanced',
      });
      passes.request.push(performance.now() - before);
      cpu[pass].push(server.cpuMs() - cpuBefore);
      passes[pass].push(rerank.elapsedMs);
      if (rerank.cacheHits !== results.length) throw new Error(`Only ${rerank.cacheHits} of ${results.length} candidates were kept.`);
      if (pass === 'again') continue;
      const documents = results.map(({ text }) => text);
      const fresh = await server.post<{ results: { index: number; relevance_score: number }[] }>('/v2/rerank', {
        model: 'resift-mini',
        query,
        documents,
      });
      compared += documents.length;
      different += fresh.results.filter(({ index, relevance_score: score }) => score !== results[index]!.score).length;
    }
  }
  return {
    first: median(passes.first),
    again: median(passes.again),
    requestMs: median(passes.request),
    // The clock of processor time has coarse steps, so the means.
    requestCpuMs: mean([...cpu.first, ...cpu.again]),
    firstCpuMs: mean(cpu.first) - mean(plain),
    passages: texts.length,
    perSecond,
    compared,
    different,
  };
}
