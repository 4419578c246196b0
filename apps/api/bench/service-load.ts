/**
 * The service under load, its clients in another process: ingestion, then `/v1/search` and `/v1/chat` with unseen questions at 1, 8 and 32 clients under each preset, with event-loop lag and
 * memory; an open loop to saturation; a repeated question; what the pipeline adds to models and store: `node scripts/run-source.mjs apps/api/bench/service-load.ts`.
 */
import { availableParallelism } from 'node:os';
import { median, report } from './bench-report.ts';
import { dl21Queries } from './dl21-passages.ts';
import { quantile } from './quantile.ts';
import { startBenchServer } from './start-bench-server.ts';

const SECONDS = Number(process.env['ROW_SECONDS'] ?? 6);
const PRESETS = ['fast', 'balanced', 'quality'];
const CLIENTS = (process.env['CLIENTS'] ?? '1,8,32').split(',').map(Number);
const PASSAGES = Number(process.env['PASSAGES'] ?? 3_000);
const CANDIDATES = 100;
const HEAD = `| preset | clients | requests/s | p50 | p95 | p99 | applied | failed | event-loop lag p99, ms | memory, MiB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |`;

interface Answer {
  readonly results: readonly unknown[];
  readonly rerank: { readonly status: string; readonly elapsedMs: number; readonly cacheHits: number };
  readonly timings: { readonly retrieveMs: number; readonly rerankMs: number; readonly totalMs: number };
}

type Ask = (query: string, preset: string) => Promise<{ readonly ms: number; readonly answer: Answer }>;

const texts = [...new Set(dl21Queries().flatMap(({ texts }) => texts))].slice(0, PASSAGES);
const server = await startBenchServer();
const questions = unseenQuestions(texts);

const began = performance.now();
for (let at = 0; at < texts.length; at += 500) {
  await server.post('/v1/documents', { documents: texts.slice(at, at + 500).map((text, i) => ({ id: `p${at + i}`, text })) });
}
const perSecond = (1000 * texts.length) / (performance.now() - began);

const lines: string[] = [];
const chats: string[] = [];
for (const preset of PRESETS) {
  for (const clients of CLIENTS) lines.push(await load(preset, clients, search));
}
for (const preset of PRESETS) {
  for (const clients of CLIENTS) chats.push(await load(preset, clients, chat));
}
const capacity = Math.max(...lines.filter((line) => line.startsWith('| balanced')).map((line) => Number(line.split('|')[3])));
const open: string[] = [];
for (const share of [0.5, 0.8, 1, 1.5, 3]) open.push(await openLoop(share, share * capacity));
const repeated = await oneByOne(60, () => 'how do tides work?');
const single = await oneByOne(60, () => questions.next().value);

report(
  'service-load',
  'node scripts/run-source.mjs apps/api/bench/service-load.ts',
  `${texts.length} passages of about 80 tokens, ingested at ${perSecond.toFixed(0)} a second (target 150 on 2 cores; ${availableParallelism()} here, clients and server share them). Hybrid, ${CANDIDATES} candidates, ten results, each question a new one, ${SECONDS} s a row;
times in ms at the client. Fixed reference of this machine: \`rerank-speed\` above.

${HEAD}
${lines.join('\n')}

The lag of the event loop is given by the clock and, in brackets, by the processor time that the thread itself used between two timers: the rest is a wait for a processor that others use (target 20).

\`/v1/chat\`, extractive, five sources, checked against them, ${SECONDS} s a row:

${HEAD}
${chats.join('\n')}

Open loop, \`/v1/search\` balanced, requests sent when they are due whatever becomes of those before (${SECONDS} s a row, times from when they were due); 1 is the ${capacity} requests/s that the most clients reached above:

| share of that | sent | answered | applied | refused (429, 503) | failed | p50 | p99 |
| --- | --- | --- | --- | --- | --- | --- | --- |
${open.join('\n')}

One client, ${CANDIDATES} candidates: a repeated question p50 ${median(repeated.request).toFixed(1)} ms (target 5); a new one p50 ${median(single.request).toFixed(1)} ms, of which retrieval ${median(single.retrieve).toFixed(1)}, reranking ${median(single.rerank).toFixed(1)}, all else
${median(single.rest).toFixed(1)} (HTTP, JSON, pipeline; target 5 without them).`,
);
await server.stop();

async function load(preset: string, clients: number, ask: Ask): Promise<string> {
  await server.lag(); // forgets what was before
  const times: number[] = [];
  let applied = 0;
  let failed = 0;
  const until = performance.now() + 1000 * SECONDS;
  const client = async () => {
    while (performance.now() < until) {
      // Refused or too late, as a machine that is too slow for so many clients answers: counted, not fatal.
      const done = await ask(questions.next().value, preset).catch(() => undefined);
      if (!done) failed += 1;
      else times.push(done.ms);
      if (done?.answer.rerank.status === 'applied') applied += 1;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - started) / 1000;
  const [lag, memory] = [await server.lag(), await server.metric('process_resident_memory_bytes')];
  const cells = [
    preset,
    clients,
    (times.length / seconds).toFixed(0),
    ...[0.5, 0.95, 0.99].map((q) => quantile(times, q).toFixed(1)),
    `${((100 * applied) / times.length).toFixed(0)} %`,
    failed,
    `${lag.clock.toFixed(0)} (${lag.own.toFixed(0)})`,
    (memory / 2 ** 20).toFixed(0),
  ];
  const line = `| ${cells.join(' | ')} |`;
  console.error(line);
  return line;
}

async function search(query: string, preset: string) {
  const started = performance.now();
  const answer = await server.post<Answer>('/v1/search', { query, preset, candidates: CANDIDATES, top_k: 10 });
  return { ms: performance.now() - started, answer };
}

async function chat(question: string, preset: string) {
  const started = performance.now();
  const answer = await server.post<Answer>('/v1/chat', { messages: [{ role: 'user', content: question }], preset, candidates: CANDIDATES });
  return { ms: performance.now() - started, answer };
}

/** Sends at a fixed rate: a server that is too slow gets no rest, as from people who do not know of each other. */
async function openLoop(share: number, rate: number): Promise<string> {
  const times: number[] = [];
  const count = { sent: 0, answered: 0, applied: 0, refused: 0, failed: 0 };
  const pending: Promise<void>[] = [];
  const began = performance.now();
  while (performance.now() < began + 1000 * SECONDS) {
    const due = began + (1000 * count.sent) / rate;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    count.sent += 1;
    pending.push(
      server.send('/v1/search', { query: questions.next().value, preset: 'balanced', candidates: CANDIDATES, top_k: 10 }).then(
        ({ status, body }) => {
          if (status === 429 || status === 503) count.refused += 1;
          else if (status !== 200) count.failed += 1;
          else {
            times.push(performance.now() - due);
            count.answered += 1;
            if ((JSON.parse(body) as Answer).rerank.status === 'applied') count.applied += 1;
          }
        },
        () => {
          count.failed += 1;
        },
      ),
    );
  }
  await Promise.all(pending);
  const cells = [
    share,
    count.sent,
    count.answered,
    count.applied,
    count.refused,
    count.failed,
    ...[0.5, 0.99].map((q) => quantile(times, q).toFixed(0)),
  ];
  return `| ${cells.join(' | ')} |`;
}

async function oneByOne(times: number, question: () => string) {
  const found = { request: [] as number[], retrieve: [] as number[], rerank: [] as number[], rest: [] as number[] };
  for (let i = 0; i < times; i++) {
    const { ms, answer } = await search(question(), 'balanced');
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
