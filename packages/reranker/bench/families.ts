// The table of families in packages/reranker/README.md: quality and speed of what runs here without a key and without a download.
//   node --conditions=@resift/source --import tsx packages/reranker/bench/families.ts [--queries N] [--minutes M]
// N queries of each set (default: all); after M minutes it stops, and goes on from there when it is started again: scores are kept in packages/reranker/.runs.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Reranker } from '@resift/core';
import { ndcg } from '../../eval/src/ranking/ndcg.ts';
import { openModels, type RerankerSize } from '../../resift/src/open-models.ts';
import { ensemble } from '../src/ensemble.ts';
import { fused } from '../src/fusion.ts';
import type { KeyValue } from '../src/key-value.ts';
import { type CandidateList, dl21, scifact } from './candidate-lists.ts';

const TIMED = 10;
const EMBEDDED = 'nothing: embedded';
const NOT_HERE = [
  ['`cross-encoder`', 'an ONNX cross-encoder, from a folder or a hub'],
  ['`listwise`, `pairwise`, `setwise`, `likelihood`', 'a chat model: hosted with a key, or Ollama, vLLM'],
  ['`pointwise`', 'a model that tells log probabilities'],
  ['`ai-sdk`', 'a reranking model of the AI SDK'],
  ['`@resift/models/hosted-*`', 'a key (Cohere, Jina, Voyage, Mixedbread, Pinecone), or a server (TEI, vLLM, Infinity)'],
] as const;

const { values } = parseArgs({
  options: { queries: { type: 'string', default: '100000' }, minutes: { type: 'string', default: '100000' } },
});
const most = Number(values.queries);
const until = Date.now() + 60_000 * Number(values.minutes);
const sets = { dl21_bm25: await dl21('dl21_bm25', most), dl21_splade: await dl21('dl21_splade', most), scifact: await scifact(most) };
await using models = await openModels({ workers: 1 });
const store = keptScores(join(import.meta.dirname, '../.runs'));
// Quality from scores that are kept, so that each text is read once for all families; speed from rerankers that keep nothing.
const quality = await families((size) => models.reranker(size, { scores: { store, tenant: 'bench' } }));
const speed = await families((size) => models.reranker(size));

const rows: string[][] = [['first stage', 'nothing', ...(await qualityOf(undefined)), '–', '–', '–']];
for (const [name, reranker] of Object.entries(quality)) rows.push([name, EMBEDDED, ...(await qualityOf(reranker))]);
const times = await timesOf(sets.dl21_bm25.filter(({ documents }) => documents.length === 100).slice(0, TIMED));
for (const row of rows) row.push(...(times[row[0]!] ?? []));
for (const [name, needs] of NOT_HERE) rows.push([name, needs, 'not measured here', '', '', '', '', '']);
write(rows);

async function families(open: (size: RerankerSize) => Promise<Reranker<'probability'>>): Promise<Record<string, Reranker>> {
  const [tiny, mini, cascade] = [await open('tiny'), await open('mini'), await open('cascade')];
  return {
    '`late-interaction`, tiny': tiny,
    '`late-interaction`, mini': mini,
    '`cascade`: tiny, then mini': cascade,
    '`fusion`: RRF of tiny and mini': fused([tiny, mini]),
    '`ensemble` of tiny and mini': ensemble([tiny, mini]),
  };
}

/** Mean nDCG@10 of each set. */
async function qualityOf(reranker: Reranker | undefined): Promise<string[]> {
  const means: string[] = [];
  for (const lists of Object.values(sets)) {
    let sum = 0;
    for (const { query, documents, judged } of lists) {
      if (Date.now() > until) throw new Error('Out of time: start it again to go on.');
      const ranking = await reranker?.rerank(query, documents);
      const order = ranking ? [...ranking.items.map(({ document }) => document), ...ranking.skipped] : documents;
      const ids = order.map(({ id }) => id);
      sum += ndcg(10).measure(ids, judged);
    }
    means.push((sum / lists.length).toFixed(3));
    console.error(new Date().toISOString().slice(11, 19), reranker?.id ?? 'first stage', ...means);
  }
  return means;
}

/** Pairs a second, and the median of the clock and of the processor time (all threads) for 100 candidates; in turns, so that what else runs here slows all alike. */
async function timesOf(lists: readonly CandidateList[]): Promise<Record<string, readonly string[]>> {
  const taken: Record<string, { ms: number; cpuMs: number }[]> = {};
  for (const [i, { query, documents }] of [lists[0]!, ...lists].entries()) {
    for (const [name, reranker] of Object.entries(speed)) {
      const [started, before] = [performance.now(), process.cpuUsage()];
      await reranker.rerank(query, documents);
      const { user, system } = process.cpuUsage(before);
      const one = { ms: performance.now() - started, cpuMs: (user + system) / 1_000 };
      if (i > 0) taken[name] = [...(taken[name] ?? []), one]; // the first time loads
    }
  }
  const middle = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
  const rowsOf = Object.entries(taken).map(([name, all]) => {
    const [ms, cpuMs] = [middle(all.map((one) => one.ms)), middle(all.map((one) => one.cpuMs))];
    return [name, [(100_000 / ms).toFixed(0), ms.toFixed(0), cpuMs.toFixed(0)]] as const;
  });
  return Object.fromEntries(rowsOf);
}

/** Scores in a file, which is read at the start. */
function keptScores(folder: string): KeyValue {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'family-scores.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  const known = new Map(lines.map((line) => JSON.parse(line) as [string, string]));
  return {
    getMany: async (keys) => keys.map((key) => known.get(key)),
    async setMany(entries) {
      for (const [key, value] of entries) known.set(key, value);
      appendFileSync(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    },
  };
}

function write(rows: readonly (readonly string[])[]): void {
  const counts = Object.entries(sets).map(([name, lists]) => `${lists.length} of ${name}`);
  const about = `nDCG@10 over ${counts.join(', ')} with 100 candidates a query (SciFact: BM25's). dl21 chose the weights of tiny and mini, SciFact chose nothing.
Pairs a second and the medians for 100 candidates: ${TIMED} queries of dl21, in turns, one worker thread on ${cpus()[0]?.model.trim()} while other work ran beside it (load average at the end ${loadavg()[0]!.toFixed(1)}), so the processor time of all threads stands beside the clock.
Written on ${new Date().toISOString().slice(0, 10)} by \`packages/reranker/bench/families.ts\` with ${Object.values(speed)
    .slice(0, 2)
    .map(({ id }) => `\`${id}\``)
    .join(', ')}.`;
  const head = ['family', 'what it needs', 'dl21_bm25', 'dl21_splade', 'SciFact', 'pairs/s', 'p50 ms', 'CPU ms'];
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const readme = join(import.meta.dirname, '../README.md');
  const marks = /(<!-- families: start -->)[\s\S]*(<!-- families: end -->)/;
  const text = readFileSync(readme, 'utf8');
  if (!marks.test(text)) throw new Error(`${readme} lacks the marks of its table of families.`);
  writeFileSync(
    readme,
    text.replace(marks, (_, start, end) => `${start}\n\n${table}\n\n${about}\n\n${end}`),
  );
  console.log(table);
}
