import type { ExperimentResult, SystemResult } from '@resift/eval/experiment/result';
import { summaries } from '@resift/eval/report/summary';
import { expect, it } from 'vitest';
import { headlineMarkdown } from './headline-conclusion.ts';

const count = 60;
const system = (id: string, hallucinates: (i: number) => number, abstains: number, against?: string): SystemResult => ({
  id,
  settings: {},
  ...(against && { against }),
  values: {
    'hallucination rate': Array.from({ length: count }, (_, i) => hallucinates(i)),
    abstention: Array.from({ length: count }, () => abstains),
  },
  top: Array.from({ length: count }, () => []),
  firstRelevant: Array.from({ length: count }, () => null),
  answers: Array.from({ length: count }, () => null),
  stages: {},
  usage: { calls: 0, inputTokens: 0, outputTokens: 0, truncated: 0 },
  degraded: [],
});
const result = (reranked: (i: number) => number, abstains = 0): ExperimentResult => ({
  format: 'resift-experiment-1',
  name: 'headline',
  finishedAt: '2026-11-21T00:00:00.000Z',
  valid: true,
  dataSet: { id: 'x', fingerprint: 'f' },
  questions: Array.from({ length: count }, (_, i) => ({ id: `q${i}`, text: 'x', slices: [i < 30 ? 'short' : 'keywords'] })),
  metrics: [
    { name: 'hallucination rate', better: 'lower' },
    { name: 'abstention', better: 'lower' },
  ],
  seeds: [1],
  baseline: 'bm25, top 3',
  systems: [system('bm25, top 3', (i) => i % 2, 0), system('bm25 + cascade, top 3', reranked, abstains, 'bm25, top 3')],
  provenance: { machine: { platform: 'l', cpu: 'cpu', cores: 2, memoryGiB: 8, node: 'v20' }, commit: 'abc', versions: {}, models: {} },
});
const text = (of: ExperimentResult) => headlineMarkdown(of, summaries(of));

it('says what got better, and for which kinds of questions nothing was shown', () => {
  const told = text(result((i) => (i < 30 ? 0 : i % 2)));
  expect(told).toMatch(
    /- bm25, top 3: the same or not carried by the passages 50\.0 → 25\.0 % \(−50\.0 %, −\d+\.\d to −\d+\.\d points, better beyond chance\)\./,
  );
  expect(told).toContain('none of these was shown to get better: keywords (30).');
  expect(told).toContain('What got worse beyond chance: nothing that was measured.');
  expect(told.indexOf('In plain words')).toBeLessThan(told.indexOf('| system |'));
});

it('says as plainly what did nothing or got worse', () => {
  expect(text(result((i) => i % 2))).toContain('not beyond chance: p = 1.000');
  expect(text(result((i) => i % 2))).toContain('short (30), keywords (30)');
  const worse = text(result(() => 1, 1));
  expect(worse).toContain('worse beyond chance');
  expect(worse).toContain('hallucination rate of bm25 + cascade, top 3 (0.500 → 1.000)');
  // Whether to abstain is right depends on the question: `right` and `miss` say so.
  expect(worse).not.toContain('abstention of');
});

it('has nothing to say where no cascade was measured', () => {
  const without = { ...result(() => 0), systems: [system('bm25, top 3', () => 0, 0)] };
  expect(text(without)).not.toContain('plain words');
});
