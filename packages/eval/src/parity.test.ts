import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { readJsonl } from './jsonl.ts';
import { rankingMetric } from './ranking/by-name.ts';
import type { Qrels, Run } from './run.ts';

// What pytrec_eval and ir_measures said; `parity/ranking.py` wrote these files and checks that they still say so.
const golden = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, '../golden', `${name}.json`), 'utf8'));
const data = join(import.meta.dirname, '../../../../shared/data/rerank');

type Expected = Record<string, Record<string, number>>;
type Nested = Record<string, Record<string, number>>;

function expectEqual(run: Run, qrels: Qrels, expected: Expected) {
  const names = Object.keys(expected);
  const ours = evaluate(run, qrels, names.map(rankingMetric));
  expect(ours.map(({ metric }) => metric)).toEqual(names);
  for (const { metric, perQuery } of ours) {
    for (const [query, value] of Object.entries(expected[metric]!)) {
      expect(Math.abs(perQuery.get(query)! - value), `${metric} of ${query}: ${perQuery.get(query)} instead of ${value}`).toBeLessThan(
        1e-9,
      );
    }
    expect(perQuery.size).toBe(Object.keys(expected[metric]!).length);
  }
}

const toRun = (nested: Nested): Run =>
  new Map(Object.entries(nested).map(([query, scores]) => [query, Object.entries(scores).map(([id, score]) => ({ id, score }))]));
const toQrels = (nested: Nested): Qrels =>
  new Map(Object.entries(nested).map(([query, grades]) => [query, new Map(Object.entries(grades))]));

describe('equals pytrec_eval and ir_measures within 1e-9', () => {
  const cases: { name: string; qrels: Nested; run: Nested; expected: Expected }[] = golden('ranking');

  it.each(cases)('$name', ({ qrels, run, expected }) => {
    expectEqual(toRun(run), toQrels(qrels), expected);
  });

  it.for(['dl21_bm25', 'dl21_splade'])('real run %s', async (name, { skip }) => {
    skip(!existsSync(data), '../shared/data is absent');
    const path = join(data, `${name}.jsonl.gz`);
    const run = new Map<string, { id: string; score: number }[]>();
    const qrels = new Map<string, Map<string, number>>();
    for await (const row of readJsonl<Row>(path)) {
      run.set(
        row.qid,
        row.candidates.map(({ id, score }) => ({ id, score })),
      );
      qrels.set(row.qid, new Map(row.candidates.filter(({ judged }) => judged).map(({ id, grade }) => [id, grade])));
    }
    expectEqual(run, qrels, golden('ranking-real')[name]);
  });
});

interface Row {
  readonly qid: string;
  readonly candidates: readonly { id: string; score: number; grade: number; judged: boolean }[];
}
