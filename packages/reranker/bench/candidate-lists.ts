import { join } from 'node:path';
import type { Document } from '@resift/core';
import { readBeir } from '../../eval/src/beir.ts';
import { readJsonl } from '../../eval/src/jsonl.ts';
import { bm25 } from '../../retrieval/src/bm25.ts';

/** One query with what a first stage found for it. */
export interface CandidateList {
  readonly query: string;
  /** In first-stage order. */
  readonly documents: readonly Document[];
  readonly judged: ReadonlyMap<string, number>;
}

const data = join(import.meta.dirname, '../../../../shared/data');

/** TREC Deep Learning 2021: candidates as they came. Judged passages that the first stage did not find count in the ideal order. */
export async function dl21(name: 'dl21_bm25' | 'dl21_splade', most: number): Promise<CandidateList[]> {
  const lists: CandidateList[] = [];
  const path = join(data, 'rerank', `${name}.jsonl.gz`);
  for await (const row of readJsonl<{ query: string; candidates: { id: string; text: string; grade: number }[]; ideal: number[] }>(path)) {
    const judged = new Map(row.candidates.map(({ id, grade }) => [id, grade]));
    const found = row.candidates.map(({ grade }) => grade).filter((grade) => grade > 0);
    for (const [i, grade] of row.ideal.entries()) {
      const at = found.indexOf(grade);
      if (at === -1) judged.set(`missed ${i}`, grade);
      else found.splice(at, 1);
    }
    lists.push({ query: row.query, documents: row.candidates.map(({ id, text }) => ({ id, text })), judged });
    if (lists.length === most) break;
  }
  return lists;
}

/** SciFact with the best 100 of BM25; where fewer than all queries are asked for, an even share of them. */
export async function scifact(most: number): Promise<CandidateList[]> {
  const { corpus, queries, qrels } = await readBeir(join(data, 'beir/scifact'));
  const retriever = bm25(corpus);
  const all = [...queries];
  const count = Math.min(most, all.length);
  const lists: CandidateList[] = [];
  for (let i = 0; i < count; i += 1) {
    const [id, query] = all[Math.floor((i * all.length) / count)]!;
    const found = await retriever.retrieve(query, { topK: 100 });
    const documents = found.map(({ document }) => ({ id: document.id, text: `${document.title} ${document.text}`.trim() }));
    lists.push({ query, documents, judged: qrels.get(id)! });
  }
  return lists;
}
