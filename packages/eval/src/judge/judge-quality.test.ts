import { expect, it } from 'vitest';
import { correctedRate } from '../significance/corrected-rate.ts';
import type { Judge } from './judge.ts';
import { auroc, calibrationError, judgeQuality } from './judge-quality.ts';

it('computes the area under the ROC curve by ranks', () => {
  // scikit-learn: roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) = 0.75
  expect(auroc([0.1, 0.4, 0.35, 0.8], [false, false, true, true])).toBe(0.75);
  expect(auroc([1, 1, 1, 1], [false, true, true, false])).toBe(0.5);
  expect(auroc([1, 2], [true, true])).toBeNaN();
});

it('computes the expected calibration error', () => {
  expect(calibrationError([0.9, 0.9, 0.1, 1], [true, true, false, false])).toBeCloseTo((0.8 + 0.1) / 4, 12);
  expect(calibrationError([1, 0], [true, false])).toBe(0);
});

const table: Judge = {
  id: 'table',
  judge: async (_, claims) => ({
    verdicts: claims.map((claim) => ({ supported: Number(claim) >= 0.5, score: Number(claim) })),
    usage: { calls: 1, inputTokens: 0, outputTokens: 0, truncated: 0 },
  }),
};

it('measures a judge per set and over all, one call per context', async () => {
  const row = (set: string, context: string, claim: string, supported: boolean) => ({ set, context, claim, supported });
  const { quality, usage } = await judgeQuality(table, [
    row('x', 'one', '0.9', true),
    row('y', 'two', '0.8', false),
    row('x', 'one', '0.2', false),
    row('y', 'two', '0.6', true),
    row('y', 'two', '0.1', false),
  ]);
  expect(usage.calls).toBe(2);
  expect(quality.map(({ set, claims, auroc, balancedAccuracy }) => [set, claims, auroc, balancedAccuracy])).toEqual([
    ['x', 2, 1, 1],
    ['y', 3, 0.5, 0.75],
    ['all', 5, 5 / 6, (1 + 2 / 3) / 2],
  ]);
  await expect(judgeQuality(table, [])).rejects.toThrow('at least one');
});

it('corrects a rate for a detector that errs, and covers the truth', () => {
  const flags = (flagged: number, of: number) => Array.from({ length: of }, (_, i) => i < flagged);
  const trial = { faulty: flags(80, 100), sound: flags(10, 100) };
  // 20 % true: 0.2 * 0.8 + 0.8 * 0.1 = 24 % flagged
  const { estimate, low, high } = correctedRate(flags(240, 1000), trial);
  expect(estimate).toBeCloseTo(0.2, 10);
  expect(low).toBeLessThan(0.2);
  expect(high).toBeGreaterThan(0.2);
  expect(correctedRate(flags(0, 100), trial).estimate).toBe(0);
  const perfect = correctedRate(flags(0, 200), { faulty: flags(50, 50), sound: flags(0, 50) });
  expect(perfect.low).toBe(0);
  expect(() => correctedRate(flags(1, 2), { faulty: flags(1, 10), sound: flags(2, 10) })).toThrow('tells nothing');
  expect(() => correctedRate([], trial)).toThrow('cases of both kinds');
});
