/**
 * The service under load, its clients in another process: ingestion, then `/v1/search` with unseen questions at 1, 8 and 32 clients under each preset, with event-loop lag and memory; a
 * repeated question; what the pipeline adds to models and store: `node scripts/run-source.mjs apps/api/bench/service-load.ts`.
 */
import { availableParallelism } from 'node:os';
import { median, quantile, report } from './bench-report.ts';
import { dl21Queries } from './dl21-passages.ts';
import { startBenchServer } from './start-bench-server.ts';

const SECONDS = Number(process.env['ROW_SECONDS'] ?? 6);
const PRESETS = ['fast', 'balanced', 'quality'];
const CLIENTS = [1, 8, 32];
const CANDIDATES = 100;

interface Answer {
  readonly results: readonly unknown[];
  readonly rerank: { readonly status: string; readonly elapsedMs: number; readonly cacheHits: number };
  readonly timings: { readonly retrieveMs: number; readonly rerankMs: number; readonly totalMs: number };
}

const texts = [...new Set(dl21Queries().flatMap(({ texts }) => texts))].slice(0, 3_000);
const server = await startBenchServer();
const questions = unseenQuestions(texts);

const began = performance.now();
for (let at = 0; at < texts.length; at += 500) {
  await server.post('/v1/documents', { documents: texts.slice(at, at + 500).map((text, i) => ({ id: `p${at + i}`, text })) });
}
const perSecond = (1000 * texts.length) / (performance.now() - began);

const lines: string[] = [];
for (const preset of PRESETS) {
  for (const clients of CLIENTS) lines.push(await load(preset, clients));
}
const repeated = await oneByOne(60, () => 'how do tides work?');
const single = await oneByOne(60, () => questions.next().value);

report(
  'service-load',
  'node scripts/run-source.mjs apps/api/bench/service-load.ts',
  `${texts.length} passages of about 80 tokens, ingested at ${perSecond.toFixed(0)} a second (target 150 on 2 cores; ${availableParallelism()} here, clients and server share them). Hybrid, ${CANDIDATES} candidates, ten results, each question a new one, ${SECONDS} s a row;
times in ms at the client. Fixed reference of this machine: \`rerank-speed\` above.

| preset | clients | requests/s | p50 | p95 | p99 | applied | event-loop lag p99, ms | memory, MiB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

One client, ${CANDIDATES} candidates: a repeated question p50 ${median(repeated.request).toFixed(1)} ms (target 5); a new one p50 ${median(single.request).toFixed(1)} ms, of which retrieval ${median(single.retrieve).toFixed(1)}, reranking ${median(single.rerank).toFixed(1)}, all else
${median(single.rest).toFixed(1)} (HTTP, JSON, pipeline; target 5 without them).`,
);
await server.stop();

async function load(preset: string, clients: number): Promise<string> {
  await server.metric('event_loop_lag_seconds'); // forgets what was before
  const times: number[] = [];
  let applied = 0;
  const until = performance.now() + 1000 * SECONDS;
  const client = async () => {
    while (performance.now() < until) {
      const { ms, answer } = await ask(questions.next().value, preset);
      times.push(ms);
      if (answer.rerank.status === 'applied') applied += 1;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - started) / 1000;
  const [lag, memory] = [await server.metric('event_loop_lag_seconds'), await server.metric('process_resident_memory_bytes')];
  const cells = [
    preset,
    clients,
    (times.length / seconds).toFixed(0),
    ...[0.5, 0.95, 0.99].map((q) => quantile(times, q).toFixed(1)),
    `${((100 * applied) / times.length).toFixed(0)} %`,
    (1000 * lag).toFixed(0),
    (memory / 2 ** 20).toFixed(0),
  ];
  return `| ${cells.join(' | ')} |`;
}

async function ask(query: string, preset: string) {
  const started = performance.now();
  const answer = await server.post<Answer>('/v1/search', { query, preset, candidates: CANDIDATES, top_k: 10 });
  return { ms: performance.now() - started, answer };
}

async function oneByOne(times: number, question: () => string) {
  const found = { request: [] as number[], retrieve: [] as number[], rerank: [] as number[], rest: [] as number[] };
  for (let i = 0; i < times; i++) {
    const { ms, answer } = await ask(question(), 'balanced');
    const { retrieveMs, rerankMs } = answer.timings;
    if (i < 5) continue; // warming up
    found.request.push(ms);
    found.retrieve.push(retrieveMs);
    found.rerank.push(rerankMs);
    found.rest.push(ms - retrieveMs - rerankMs);
  }
  return found;
}

/** Ten words out of the middle of a passage, always others. */
function* unseenQuestions(from: readonly string[]): Generator<string, never> {
  for (let turn = 0; ; turn++) {
    const words = from[(turn * 97) % from.length]!.split(/\s+/);
    const start = (turn * 7) % Math.max(1, words.length - 10);
    yield `${words.slice(start, start + 10).join(' ')} ${turn}`;
  }
}
