import { dataSet, type Question } from '@resift/eval/experiment/data-set';
import type { ExperimentResult, SystemResult } from '@resift/eval/experiment/result';
import { expect, it } from 'vitest';
import { frontierMarkdown, frontierVerdicts, liftOf } from './frontier-report.ts';

const questions: Question[] = Array.from({ length: 60 }, (_, i) => ({ id: `q${i}`, text: 'x', judged: new Map([['d', 1]]) }));
const system = (id: string, ndcg: number, top: string[]): SystemResult => ({
  id,
  settings: {},
  values: Object.fromEntries(['nDCG@10', 'P@5', 'R@10', 'RR@10'].map((name) => [name, questions.map(() => ndcg)])),
  top: questions.map(() => top),
  firstRelevant: questions.map(() => 1),
  answers: questions.map(() => null),
  stages: { rerank: { p50: 12, p95: 30 }, cpu: { p50: 20, p95: 40 } },
  usage: { calls: 0, inputTokens: 0, outputTokens: 0, truncated: 0 },
  degraded: [],
});
const result: ExperimentResult = {
  format: 'resift-experiment-1',
  name: 'frontier',
  finishedAt: '2026-11-21T00:00:00.000Z',
  valid: true,
  dataSet: { id: 'x', fingerprint: dataSet('x', questions).fingerprint },
  questions: questions.map(({ id, text }) => ({ id, text, slices: [] })),
  metrics: [{ name: 'nDCG@10', better: 'higher' }],
  seeds: [1],
  baseline: 'bm25',
  systems: [
    system('bm25', 0.43, ['a', 'b', 'c', 'd']),
    system('mini, 10 candidates', 0.6, ['d', 'a']),
    system('mini, 20 candidates', 0.71, ['d', 'a']),
    system('mini, 100 candidates', 0.7115, ['d', 'a', 'b', 'c']),
    system('tiny, 10 candidates', 0.5, ['a', 'd']),
    system('tiny, 100 candidates', 0.6, ['a', 'b', 'd']),
  ],
  provenance: { machine: { platform: 'l', cpu: 'cpu', cores: 2, memoryGiB: 8, node: 'v20' }, commit: 'abc', versions: {}, models: {} },
};

it('finds from where more candidates do not help, and says so where they still may', () => {
  expect(frontierVerdicts(result)).toEqual([
    expect.stringMatching(/^mini: nDCG@10 0\.7100 at 20 candidates; 100 change it by \+0\.00[12] \[\+0\.00[12], \+0\.00[12]\]\.$/),
    'tiny: nDCG@10 0.6000 at 100 candidates, the most that were tried: more may still help.',
  ]);
});

it('feeds the monitor with the same searches', () => {
  const report = liftOf(result, result.systems[3]!, questions);
  expect(report).toMatchObject({ verdict: 'helps', queries: 60, overlapAt10: 1 });
  expect(report.before['ndcg@10']).toBeCloseTo(1 / Math.log2(5), 9);
  expect(report.after['ndcg@10']).toBe(1);
  expect(liftOf(result, result.systems[0]!, questions).verdict).not.toBe('helps');
});

it('tells quality and time of every setting', () => {
  const text = frontierMarkdown({ result, questions, timed: 5 });
  expect(text).toContain('| mini, 20 candidates | 0.710 | 0.710 | 0.710 | 0.710 | 20.0 | 12.0 |');
  expect(text).toContain('median of 5 of them');
  expect(text).toContain('mini: **helps**');
});
