import { expect, it } from 'vitest';
import type { ExperimentResult, SystemResult } from '../experiment/result.ts';
import { htmlReport } from './html.ts';
import { markdownReport } from './markdown.ts';
import { movements } from './movements.ts';
import { shown, shownP, signed } from './summary.ts';
import { withoutTexts } from './without-texts.ts';

const system = (id: string, values: number[], top: string[][], firstRelevant: (number | null)[]): SystemResult => ({
  id,
  settings: {},
  values: { 'nDCG@10': values, empty: values.map(() => null) },
  top,
  firstRelevant,
  answers: top.map(([first]) => `answer from ${first}`),
  stages: { retrieve: { p50: 3, p95: 9 } },
  usage: { calls: 0, inputTokens: 0, outputTokens: 0, truncated: 0 },
  degraded: [],
});
const count = 8;
const result: ExperimentResult = {
  format: 'resift-experiment-1',
  name: 'a <b> & "c"',
  finishedAt: '2026-11-21T00:00:00.000Z',
  valid: true,
  dataSet: { id: 'tiny', fingerprint: 'f00' },
  questions: Array.from({ length: count }, (_, i) => ({
    id: `q${i}`,
    text: `<script>alert(${i})</script> | pipe`,
    slices: i < 3 ? ['short'] : [],
  })),
  metrics: [
    { name: 'nDCG@10', better: 'higher' },
    { name: 'empty', better: 'lower' },
  ],
  seeds: [1],
  baseline: 'bm25',
  systems: [
    system(
      'bm25',
      [0.1, 0.2, 0.9, 0.3, 0.2, 0.1, 0.2, 0.3],
      Array.from({ length: count }, () => ['a', 'b', 'c', 'd', 'e', 'f']),
      Array.from({ length: count }, () => 6),
    ),
    system(
      'bm25 + cascade',
      [0.9, 0.8, 0.1, 0.9, 0.9, 0.8, 0.9, 0.7],
      Array.from({ length: count }, () => ['f', 'a', 'b', 'c', 'd', 'g']),
      [1, 1, null, 1, 1, 1, 1, 1],
    ),
  ],
  provenance: {
    machine: { platform: 'linux', cpu: 'cpu', cores: 2, memoryGiB: 8, node: 'v20' },
    commit: 'abc',
    versions: {},
    models: { 'm.onnx': 'hash' },
  },
};

it('tells what rose and sank, the worst loss first', () => {
  const [worst, ...rest] = movements(result, 'bm25 + cascade', 'nDCG@10');
  expect(worst).toMatchObject({
    question: 'q2',
    why: 'first relevant document #6 → not found; another answer',
    rose: [{ id: 'f', rank: 1, from: 6 }],
    sank: [{ id: 'e', rank: 5 }],
  });
  expect(worst!.gain).toBeCloseTo(-0.8, 12);
  expect(rest).toHaveLength(count - 1);
  expect(movements(result, 'bm25 + cascade', 'empty')).toEqual([]);
});

it('writes one HTML file that loads nothing and runs nothing', () => {
  const html = htmlReport(result);
  expect(html).not.toMatch(/<script|src=|href=|@import|url\(/);
  expect(html).toContain('&lt;script&gt;alert(2)&lt;/script&gt;');
  expect(html.indexOf('alert(2)')).toBeLessThan(html.indexOf('alert(0)'));
  expect(html.match(/<svg/g)!.length).toBeGreaterThanOrEqual(2);
  expect(html).not.toMatch(/NaN|undefined|Infinity/);
  expect(htmlReport({ ...result, valid: false })).toContain('Not valid');
});

it('writes Markdown whose tables hold together', () => {
  const text = markdownReport(result);
  for (const block of text.split('\n\n').filter((part) => part.startsWith('|'))) {
    const widths = block
      .trim()
      .split('\n')
      .map((line) => line.replaceAll('\\|', '').split('|').length);
    expect(new Set(widths).size).toBe(1);
  }
  expect(text).toContain('### short');
  expect(text).toContain('| bm25 + cascade | bm25 | nDCG@10 | 0.288 | 0.750 |');
  expect(text).not.toMatch(/NaN|undefined/);
  expect(markdownReport({ ...result, valid: false })).toContain('Not valid');
});

it('shows numbers for readers', () => {
  expect([shown(0.12345), shown(12.345), shown(1234.5), shown(Number.NaN)]).toEqual(['0.123', '12.3', '1235', '–']);
  expect([signed(0.5), signed(-0.5), signed(0)]).toEqual(['+0.500', '−0.500', '±0.000']);
  expect([shownP(0.00001), shownP(0.2)]).toEqual(['< 0.001', '0.200']);
});

it('can leave out every text of the data and keeps every number', () => {
  const bare = withoutTexts(result);
  expect(JSON.stringify(bare) + htmlReport(bare)).not.toMatch(/alert|answer from/);
  expect(bare.systems.map(({ values }) => values)).toEqual(result.systems.map(({ values }) => values));
});
