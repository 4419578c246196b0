// The table of families in packages/reranker/README.md: quality and speed of what runs here without a key.
// node --conditions=@resift/source --import tsx packages/reranker/bench/families.ts [--queries N]   (N of each set; default: all)
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Document, Reranker } from '@resift/core';
import { readBeir } from '../../eval/src/beir.ts';
import { readJsonl } from '../../eval/src/jsonl.ts';
import { ndcg } from '../../eval/src/ranking/ndcg.ts';
import { openModels } from '../../resift/src/open-models.ts';
import { bm25 } from '../../retrieval/src/bm25.ts';
import { ensemble } from '../src/ensemble.ts';
import { fused } from '../src/fusion.ts';

const { values } = parseArgs({ options: { queries: { type: 'string', default: '100000' } } });
const most = Number(values.queries);
const data = join(import.meta.dirname, '../../../../shared/data');
const readme = join(import.meta.dirname, '../README.md');
const SETS = ['dl21_bm25', 'dl21_splade', 'scifact'] as const;

interface List {
  readonly query: string;
  /** In first-stage order. */
  readonly documents: readonly Document[];
  readonly judged: ReadonlyMap<string, number>;
}

const KEY = 'needs a key, not measured';
const UNMEASURED = [
  ['`cross-encoder`', 'any ONNX cross-encoder, from a folder or a hub', 'none is embedded, not measured'],
  ['`listwise`, `pairwise`, `setwise`', 'a chat model', KEY],
  ['`pointwise`, `likelihood`', 'a chat model (log probabilities for `pointwise`)', KEY],
  ['`@resift/models/hosted-*`', 'Cohere, Jina, Voyage, Mixedbread, Pinecone; TEI, vLLM, Infinity', KEY],
] as const;

const sets = await Promise.all([ranked('dl21_bm25'), ranked('dl21_splade'), scifact()]);
await using models = await openModels();
const [tiny, mini, cascade] = [await models.reranker('tiny'), await models.reranker('mini'), await models.reranker('cascade')];
const families: [name: string, needs: string, reranker: Reranker | undefined][] = [
  ['first stage', 'nothing', undefined],
  ['`late-interaction`, tiny', 'nothing: embedded', tiny],
  ['`late-interaction`, mini', 'nothing: embedded', mini],
  ['`cascade` (tiny, then mini)', 'nothing: embedded', cascade],
  ['`fusion` (RRF of tiny and mini)', 'nothing: embedded', fused([tiny, mini])],
  ['`ensemble` (tiny and mini)', 'nothing: embedded', ensemble([tiny, mini])],
];

const rows: string[] = [];
for (const [name, needs, reranker] of families) {
  const quality: string[] = [];
  const times: number[] = [];
  let pairs = 0;
  for (const lists of sets) {
    if (reranker) await reranker.rerank(lists[0]!.query, lists[0]!.documents); // loading is not ranking
    let sum = 0;
    for (const { query, documents, judged } of lists) {
      const started = performance.now();
      const ranking = await reranker?.rerank(query, documents);
      if (documents.length === 100) times.push(performance.now() - started);
      if (documents.length === 100) pairs += documents.length;
      const order = ranking ? [...ranking.items.map(({ document }) => document), ...ranking.skipped] : documents;
      const measured = ndcg(10).measure(
        order.map(({ id }) => id),
        judged,
      );
      sum += measured;
    }
    quality.push((sum / lists.length).toFixed(3));
    console.error(name, ...quality);
  }
  const total = times.reduce((sum, ms) => sum + ms, 0);
  const p50 = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  rows.push(
    [name, needs, ...quality, ...(reranker ? [((1_000 * pairs) / total).toFixed(0), `${p50.toFixed(0)} ms`] : ['–', '–'])].join(' | '),
  );
}
for (const [name, needs, why] of UNMEASURED) rows.push([name, needs, why, '', '', '', ''].join(' | '));

const commit = execFileSync('git', ['log', '-1', '--format=%h', '--', '../../models-en/models'], { cwd: import.meta.dirname })
  .toString()
  .trim();
const counts = sets.map((lists, i) => `${SETS[i]} ${lists.length}`).join(', ');
const table = [
  '| family | what it needs | dl21_bm25 | dl21_splade | SciFact | pairs/s | p50 of 100 |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...rows.map((row) => `| ${row} |`),
  '',
  `nDCG@10; queries: ${counts}. ${availableParallelism()} cores of ${cpus()[0]?.model}, models of commit ${commit}. Written by \`packages/reranker/bench/families.ts\`.`,
].join('\n');
const [start, end] = ['<!-- families: start -->', '<!-- families: end -->'];
const text = readFileSync(readme, 'utf8');
const [before, after] = [text.indexOf(start), text.indexOf(end)];
if (before === -1 || after === -1) throw new Error(`${readme} lacks the marks ${start} and ${end}.`);
writeFileSync(readme, `${text.slice(0, before + start.length)}\n\n${table}\n\n${text.slice(after)}`);
console.log(table);

/** One of the TREC sets: candidates as they came, and what a perfect order of all judged passages would have. */
async function ranked(name: string): Promise<List[]> {
  const lists: List[] = [];
  const path = join(data, 'rerank', `${name}.jsonl.gz`);
  for await (const row of readJsonl<{ query: string; candidates: { id: string; text: string; grade: number }[]; ideal: number[] }>(path)) {
    const judged = new Map(row.candidates.map(({ id, grade }) => [id, grade]));
    // Judged passages that the first stage did not find count in the ideal.
    const found = row.candidates.map(({ grade }) => grade).filter((grade) => grade > 0);
    for (const [i, grade] of row.ideal.entries()) {
      const at = found.indexOf(grade);
      if (at === -1) judged.set(`missed ${i}`, grade);
      else found.splice(at, 1);
    }
    lists.push({ query: row.query, documents: row.candidates, judged });
    if (lists.length === most) break;
  }
  return lists;
}

async function scifact(): Promise<List[]> {
  const { corpus, queries, qrels } = await readBeir(join(data, 'beir/scifact'));
  const retriever = bm25(corpus);
  const lists: List[] = [];
  for (const [id, query] of [...queries].slice(0, most)) {
    const found = await retriever.retrieve(query, { topK: 100 });
    const documents = found.map(({ document }) => ({ id: document.id, text: `${document.title} ${document.text}`.trim() }));
    lists.push({ query, documents, judged: qrels.get(id)! });
  }
  return lists;
}
