import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapMean, bootstrapRatio, pairedBootstrap } from './bootstrap.ts';
import { compareMany, comparePaired } from './comparison.ts';
import { effectSize, minimumDetectableDifference } from './effect.ts';
import { holm } from './holm.ts';
import { moments } from './paired.ts';
import { fisherRandomisation } from './randomisation.ts';
import { pairedT } from './t-test.ts';
import { wilcoxon } from './wilcoxon.ts';

interface Case {
  name: string;
  a: number[];
  b: number[];
  t: number;
  tP: number;
  wilcoxon: number;
  wilcoxonP: number;
  effect: number;
  randomisationExactP?: number;
  randomisationP?: number;
  bootstrap?: [number, number];
  mdd: number;
  powerAtMdd?: number;
}

// SciPy's and ranx's answers, written and checked by `parity/significance.py`.
const { pairs, holm: corrections } = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/significance.json'), 'utf8')) as {
  pairs: Case[];
  holm: { p: number[]; adjusted: number[] }[];
};

describe.each(pairs)('$name: equals SciPy', (known) => {
  const { a, b } = known;

  it('paired t', () => {
    expect(pairedT(a, b).t).toBeCloseTo(known.t, 9);
    expect(Math.abs(pairedT(a, b).p - known.tP)).toBeLessThan(1e-9);
  });

  it('Wilcoxon', () => {
    const ours = wilcoxon(a, b);
    expect(ours.statistic).toBeCloseTo(known.wilcoxon, 9);
    expect(Math.abs(ours.p - known.wilcoxonP)).toBeLessThan(1e-9);
  });

  it('randomisation: exact where few pairs differ, else within the error of 100,000 draws', () => {
    const p = fisherRandomisation(a, b);
    if (known.randomisationExactP !== undefined) expect(p).toBeCloseTo(known.randomisationExactP, 12);
    else expect(Math.abs(p - known.randomisationP!)).toBeLessThan(0.006);
  });

  it('bootstrap interval, within the error of 10,000 draws', () => {
    if (!known.bootstrap) return;
    const { low, high } = pairedBootstrap(a, b);
    const width = known.bootstrap[1] - known.bootstrap[0];
    expect(Math.abs(low - known.bootstrap[0])).toBeLessThan(0.03 * width);
    expect(Math.abs(high - known.bootstrap[1])).toBeLessThan(0.03 * width);
  });

  it('effect size and minimum detectable difference', () => {
    expect(effectSize(a, b)).toBeCloseTo(known.effect, 10);
    const { deviation } = moments(a.map((value, i) => b[i]! - value));
    expect(minimumDetectableDifference(deviation, a.length)).toBeCloseTo(known.mdd, 9);
    if (known.powerAtMdd !== undefined) expect(known.powerAtMdd).toBeCloseTo(0.8, 2);
  });
});

it.each(corrections)('Holm: $p', ({ p, adjusted }) => {
  holm(p).forEach((value, i) => {
    expect(value).toBeCloseTo(adjusted[i]!, 12);
  });
});

it('gives the same numbers for the same seed, and others for another', () => {
  const { a, b } = pairs[2]!;
  expect(pairedBootstrap(a, b, { seed: 5 })).toEqual(pairedBootstrap(a, b, { seed: 5 }));
  expect(pairedBootstrap(a, b, { seed: 5 })).not.toEqual(pairedBootstrap(a, b, { seed: 6 }));
  expect(fisherRandomisation(a, b, { seed: 5 })).not.toBe(fisherRandomisation(a, b, { seed: 6 }));
});

it('covers the true mean about as often as it says', () => {
  let covered = 0;
  let state = 1;
  const uniform = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  for (let trial = 0; trial < 300; trial += 1) {
    const values = Array.from({ length: 60 }, uniform);
    const { low, high } = bootstrapMean(values, { samples: 500, seed: trial });
    if (low <= 0.5 && high >= 0.5) covered += 1;
  }
  expect(covered / 300).toBeGreaterThan(0.9);
  expect(covered / 300).toBeLessThan(0.99);
});

it('is symmetric: swapping the systems keeps p and turns the sign', () => {
  const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 12 });
  fc.assert(
    fc.property(values, values, (x, y) => {
      const n = Math.min(x.length, y.length);
      const [a, b] = [x.slice(0, n), y.slice(0, n)];
      expect(fisherRandomisation(a, b)).toBeCloseTo(fisherRandomisation(b, a), 12);
      expect(wilcoxon(a, b).p).toBeCloseTo(wilcoxon(b, a).p, 12);
      expect(pairedT(a, b).p).toBeCloseTo(pairedT(b, a).p, 12);
    }),
    { numRuns: 30 },
  );
});

it('says that two equal systems do not differ', () => {
  const same = [0.1, 0.5, 0.9, 0.3];
  expect(comparePaired(same, same)).toMatchObject({
    difference: { estimate: 0, low: 0, high: 0 },
    randomisationP: 1,
    tP: 1,
    wilcoxonP: 1,
    minimumDetectable: 0,
    wins: 0,
    losses: 0,
  });
});

it('corrects over all systems that were compared', () => {
  const { a, b } = pairs[2]!;
  const result = compareMany(a, { same: a, better: a.map((value) => value + 0.1), other: b });
  expect(result.same.adjustedP).toBe(1);
  expect(result.better.adjustedP).toBeCloseTo(3 * result.better.randomisationP, 12);
  expect(result.better.effectSize).toBeGreaterThan(10);
});

it('resamples a ratio by query', () => {
  const { estimate, low, high } = bootstrapRatio([1, 0, 1, 0, 0, 1], [1, 1, 2, 0, 1, 1]);
  expect(estimate).toBeCloseTo(0.5, 12);
  expect(low).toBeLessThan(estimate);
  expect(high).toBeGreaterThan(estimate);
});

it.each([
  [[1, 2], [1], 'same queries'],
  [[1], [1], 'at least 2'],
  [[1, Number.NaN], [1, 2], 'finite'],
])('refuses %j against %j', (a, b, named) => {
  expect(() => pairedT(a, b)).toThrow(named);
  expect(() => fisherRandomisation(a, b)).toThrow(named);
  expect(() => wilcoxon(a, b)).toThrow(named);
});

it('decides yes-or-no metrics exactly, as a binomial', () => {
  // 15 of 20 pairs won: twice the chance of 15 or more heads in 20 throws.
  const b = Array.from({ length: 200 }, (_, i) => (i < 15 ? 1 : 0));
  const a = Array.from({ length: 200 }, (_, i) => (i >= 15 && i < 20 ? 1 : 0));
  expect(fisherRandomisation(a, b)).toBeCloseTo(0.04138946533203125, 12);
  expect(fisherRandomisation(a, a)).toBe(1);
  const [many, none] = [Array.from({ length: 5_000 }, () => 1), Array.from({ length: 5_000 }, () => 0)];
  expect(fisherRandomisation(none, many)).toBeGreaterThanOrEqual(0);
  expect(fisherRandomisation([...none, ...many], [...many, ...none])).toBeCloseTo(1, 9);
});
