import { describe, expect, it } from 'vitest';
import { probabilityOf } from './calibrated.ts';
import { calibrationError, fitIsotonic, fitPlatt, type Judged } from './calibration-fit.ts';
import { seeded } from './internal/seeded.ts';

/** Relevant with probability sigmoid(2 · score - 1). */
function judged(count: number, seed: number): Judged[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => {
    const score = 6 * random() - 3;
    return { score, relevant: random() < 1 / (1 + Math.exp(1 - 2 * score)) };
  });
}

describe.each([
  ['Platt', fitPlatt],
  ['isotonic', fitIsotonic],
])('%s', (_, fit) => {
  it('learns the probabilities, as far as other judgements show', () => {
    const calibration = fit(judged(4000, 1));
    const error = calibrationError(judged(4000, 2), calibration);
    expect(error).toBeLessThan(0.03);
    expect(error).toBeLessThan(calibrationError(judged(4000, 2), { kind: 'platt', a: 0.3, b: 0 }) / 3);
  });

  it('refuses what it cannot learn from', () => {
    expect(() => fit([{ score: 1, relevant: true }])).toThrow('irrelevant');
    expect(() => fit([{ score: Number.NaN, relevant: true }])).toThrow('finite');
    const falling = judged(500, 3).map(({ score, relevant }) => ({ score: -score, relevant }));
    expect(() => fit(falling)).toThrow('rise with relevance');
  });
});

it('finds the parameters that made the data', () => {
  const { a, b } = fitPlatt(judged(20_000, 4));
  expect(a).toBeCloseTo(2, 0);
  expect(b).toBeCloseTo(-1, 0);
});

it('stays finite where the classes are apart', () => {
  const apart = Array.from({ length: 20 }, (_, i) => ({ score: i, relevant: i >= 10 }));
  const calibration = fitPlatt(apart);
  expect(probabilityOf(19, calibration)).toBeGreaterThan(0.9);
  expect(probabilityOf(0, calibration)).toBeLessThan(0.1);
});

it('never lets an isotonic probability fall', () => {
  const { scores, probabilities } = fitIsotonic(judged(1000, 5));
  for (let i = 1; i < scores.length; i++) {
    expect(scores[i]).toBeGreaterThan(scores[i - 1]!);
    expect(probabilities[i]).toBeGreaterThanOrEqual(probabilities[i - 1]!);
  }
});

it('measures how far probabilities lie from the truth', () => {
  const half = [true, false].map((relevant) => ({ score: 0, relevant }));
  expect(calibrationError(half, { kind: 'platt', a: 1, b: 0 })).toBe(0);
  expect(calibrationError(half, { kind: 'platt', a: 1, b: Math.log(9) })).toBeCloseTo(0.4, 9);
  expect(() => calibrationError([], { kind: 'platt', a: 1, b: 0 })).toThrow('at least one');
});
