import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { bm25 } from './bm25.ts';

const folder = join(import.meta.dirname, '../../../../shared/data/beir/scifact');
const records = (name: string): { _id: string; title: string; text: string }[] =>
  gunzipSync(readFileSync(join(folder, name)))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const missing = !existsSync(folder);
it.skipIf(missing)(`reaches nDCG@10 0.68 on SciFact${missing ? ` (skipped: ${folder} is not here)` : ''}`, async () => {
  const relevant = new Map<string, Set<string>>();
  for (const line of readFileSync(join(folder, 'qrels/test.tsv'), 'utf8').trim().split('\n').slice(1)) {
    const [query, document, grade] = line.split('\t') as [string, string, string];
    if (Number(grade) > 0) relevant.set(query, (relevant.get(query) ?? new Set()).add(document));
  }
  const retriever = bm25(records('corpus.jsonl.gz').map(({ _id, title, text }) => ({ id: _id, title, text })));
  const queries = records('queries.jsonl.gz').filter(({ _id }) => relevant.has(_id));
  let sum = 0;
  for (const { _id, text } of queries) {
    const wanted = relevant.get(_id)!;
    const found = await retriever.retrieve(text, { topK: 10 });
    const gain = found.reduce((dcg, { document }, i) => dcg + (wanted.has(document.id) ? 1 / Math.log2(i + 2) : 0), 0);
    const ideal = Array.from({ length: Math.min(10, wanted.size) }, (_, i) => 1 / Math.log2(i + 2)).reduce((a, b) => a + b, 0);
    sum += gain / ideal;
  }
  expect(queries).toHaveLength(300);
  expect(sum / queries.length).toBeGreaterThan(0.68);
});
