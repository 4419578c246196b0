import type { Reranker } from '@resift/core';
import { ndcg } from '@resift/eval/ranking/ndcg';
import { bootstrapMean, type Interval, pairedBootstrap } from '@resift/eval/significance/bootstrap';
import { bm25 } from '@resift/retrieval/bm25';
import { textOf } from './collect-rankings.ts';
import type { DistilTest } from './distil-input.ts';

/** How well and how fast one reranker ordered the candidates of the test queries. */
export interface Compared {
  readonly name: string;
  readonly ndcg10: Interval;
  /** Absent for the first stage. */
  readonly pairsPerSecond?: number;
  /** Milliseconds for the candidates of one query, the median. */
  readonly medianMs?: number;
  /** Of nDCG@10, this one minus the first stage, over the same queries. */
  readonly overFirstStage?: Interval;
  /** By query, in the test's order. */
  readonly values: readonly number[];
}

export interface CompareOptions {
  /** Default 50. */
  readonly candidates?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((name: string, done: number, all: number) => void) | undefined;
}

/** BM25 first, then each reranker over the same BM25 candidates: nDCG@10 with 95 % bootstrap intervals, and speed on this machine. */
export async function compareRerankers(
  { queries, documents, qrels }: DistilTest,
  rerankers: Readonly<Record<string, Reranker>>,
  { candidates = 50, signal, onProgress }: CompareOptions = {},
): Promise<Compared[]> {
  const firstStage = bm25(documents);
  const measure = (id: string, order: readonly string[]) => ndcg(10).measure([...order], qrels.get(id)!);
  const lists = [];
  for (const { id, text } of queries) {
    const found = await firstStage.retrieve(text, { topK: candidates, signal });
    lists.push({ id, text, shown: found.map(({ document }) => ({ id: document.id, text: textOf(document) })) });
  }
  const base = lists.map(({ id, shown }) =>
    measure(
      id,
      shown.map((document) => document.id),
    ),
  );
  const compared: Compared[] = [{ name: 'bm25', ndcg10: bootstrapMean(base), values: base }];

  for (const [name, reranker] of Object.entries(rerankers)) {
    const values: number[] = [];
    const times: number[] = [];
    let pairs = 0;
    const [warm] = lists;
    if (warm) await reranker.rerank(warm.text, warm.shown, { signal }); // loading is not ranking
    for (const { id, text, shown } of lists) {
      const started = performance.now();
      const { items, skipped } = await reranker.rerank(text, shown, { signal });
      times.push(performance.now() - started);
      pairs += shown.length;
      values.push(measure(id, [...items.map(({ document }) => document.id), ...skipped.map((document) => document.id)]));
      onProgress?.(name, values.length, lists.length);
    }
    const total = times.reduce((sum, ms) => sum + ms, 0);
    compared.push({
      name,
      ndcg10: bootstrapMean(values),
      pairsPerSecond: (1_000 * pairs) / total,
      medianMs: times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0,
      overFirstStage: pairedBootstrap(base, values),
      values,
    });
  }
  return compared;
}

/** A table for people. */
export function comparisonTable(compared: readonly Compared[]): string {
  const rows = compared.map(({ name, ndcg10, overFirstStage, pairsPerSecond, medianMs }) => [
    name,
    `${ndcg10.estimate.toFixed(3)} [${ndcg10.low.toFixed(3)}, ${ndcg10.high.toFixed(3)}]`,
    overFirstStage ? `${signed(overFirstStage.estimate)} [${signed(overFirstStage.low)}, ${signed(overFirstStage.high)}]` : '',
    pairsPerSecond === undefined ? '' : pairsPerSecond.toFixed(0),
    medianMs === undefined ? '' : medianMs.toFixed(0),
  ]);
  const table = [['', 'nDCG@10 [95 %]', 'over bm25 [95 %]', 'pairs/s', 'median ms'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
