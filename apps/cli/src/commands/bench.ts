import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceDocument } from '@resift/retrieval/stores/store';
import { Command } from 'commander';
import { openBackend, postJson, readJson } from '../backend.ts';
import { benchModels, type EmbedTiming, type RerankTiming } from '../bench/bench-models.ts';
import { benchSearch, type SearchTiming } from '../bench/bench-search.ts';
import { untilInterrupted } from '../interrupt.ts';
import { colours, print, progressLine } from '../terminal.ts';
import { wholeNumber } from './search.ts';

interface BenchOptions {
  readonly pairs: number;
  readonly rounds: number;
  readonly workers?: number;
  readonly collection?: string;
  readonly dataDir?: string;
  readonly server?: string;
  readonly json: boolean;
}

interface BenchResult {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string; readonly load: number };
  readonly models: string;
  readonly rerank: readonly RerankTiming[];
  readonly embed: EmbedTiming;
  readonly collection: string;
  readonly search: readonly SearchTiming[];
}

/** `resift bench`: how fast this machine reranks, embeds and searches. */
export function benchCommand(): Command {
  return new Command('bench')
    .description(
      'Measure this machine: reranking and embedding of passages of about 80 tokens, and searches in a collection. Takes about a minute.',
    )
    .option('--pairs <number>', 'passages that are reranked at a time', wholeNumber, 100)
    .option('--rounds <number>', 'how often each is measured', wholeNumber, 7)
    .option('--workers <number>', 'threads that run models (default: the cores, at most 4)', wholeNumber)
    .option('-c, --collection <name>', 'search this collection of yours (default: the demo texts, stored in a temporary folder)')
    .option('--data-dir <folder>', 'where your collection is kept (default: RESIFT_DATA_DIR or ./data)')
    .option('--server <url>', 'search on a running resift server instead (default: RESIFT_SERVER)')
    .option('--json', 'print JSON', false)
    .action(async (options: BenchOptions) => {
      const line = progressLine();
      try {
        const result = await untilInterrupted((signal) => measure(options, signal, (what) => line.show(`${what} …`)));
        line.clear();
        print(result, { json: options.json, text: () => report(result) });
      } finally {
        line.clear();
      }
    });
}

async function measure(options: BenchOptions, signal: AbortSignal, onStep: (what: string) => void): Promise<BenchResult> {
  const { readDemo } = await import('@resift/api/demo');
  const { version } = await import('@resift/models-en');
  const texts = await readDemo();
  const load = loadavg()[0] ?? 0;
  const { rerank, embed } = await benchModels(texts, { ...options, signal, onStep });
  return {
    machine: { cpu: cpus()[0]?.model.trim() ?? process.arch, cores: availableParallelism(), node: process.version, load },
    models: version,
    rerank,
    embed,
    collection: options.collection ?? 'demo texts',
    search: await searches(texts, options, signal, onStep),
  };
}

async function searches(texts: readonly SourceDocument[], options: BenchOptions, signal: AbortSignal, onStep: (what: string) => void) {
  const { collection, rounds, server, dataDir } = options;
  if (collection !== undefined) {
    await using backend = await openBackend({ server, dataDir, warm: true, signal });
    return await benchSearch(backend, { collection, rounds, signal, onStep });
  }
  const folder = await mkdtemp(join(tmpdir(), 'resift-bench-'));
  try {
    await using backend = await openBackend({ dataDir: folder, warm: true, signal, here: true });
    onStep('storing the demo texts');
    await readJson(await backend.request('/v1/documents', postJson({ collection: 'bench', documents: texts }, signal)));
    return await benchSearch(backend, { collection: 'bench', rounds, signal, onStep });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function report({ machine, models, rerank, embed, collection, search }: BenchResult): string {
  const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`.padStart(9);
  const busy = machine.load > machine.cores / 4 ? colours.yellow(` (busy: load ${machine.load.toFixed(1)}; figures are too low)`) : '';
  return [
    colours.dim(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, models ${models}`) + busy,
    '',
    colours.bold(`Reranking ${rerank[0]?.pairs} passages of about 80 tokens, read afresh, one request at a time`),
    ...rerank.map(
      ({ model, pairsPerSecond, p50Ms, p95Ms }) =>
        `  ${model.padEnd(10)}${pairsPerSecond.toFixed(0).padStart(6)} pairs/s   p50${ms(p50Ms)}   p95${ms(p95Ms)}`,
    ),
    '',
    colours.bold('Embedding'),
    `  ${''.padEnd(10)}${embed.passagesPerSecond.toFixed(0).padStart(6)} passages/s`,
    '',
    colours.bold(`Searching ${collection}, whole requests`),
    ...(search.length === 0 ? ['  the collection is empty'] : search.map(searchLine)),
  ].join('\n');

  function searchLine({ preset, runs, p50Ms, p95Ms, notApplied }: SearchTiming): string {
    const late = notApplied > 0 ? colours.yellow(`   ${notApplied} of ${runs} not reranked in full in time`) : '';
    return `  ${(preset === 'none' ? 'no reranker' : preset).padEnd(23)}   p50${ms(p50Ms)}   p95${ms(p95Ms)}${late}`;
  }
}
