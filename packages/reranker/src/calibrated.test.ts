import { createReranker } from '@resift/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Calibration, calibrated, probabilityOf } from './calibrated.ts';

const fixed = (values: readonly number[]) => createReranker({ id: 'fixed', scale: 'logit', score: async () => ({ values }) });
const documents = (n: number) => Array.from({ length: n }, (_, i) => ({ id: `d${i}`, text: `text ${i}` }));
const order = async (reranker: ReturnType<typeof calibrated> | ReturnType<typeof fixed>, n: number) =>
  (await reranker.rerank('q', documents(n))).items.map(({ index }) => index);

const kinds: Calibration[] = [
  { kind: 'platt', a: 1, b: 0 },
  { kind: 'platt', a: 30, b: -400 },
  { kind: 'isotonic', scores: [-1, 0, 5], probabilities: [0, 0.4, 0.4] },
];

it('never changes the order, not even where a sigmoid saturates or a step is flat', async () => {
  const values = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(values, fc.constantFrom(...kinds), async (values, calibration) => {
      const raw = (await fixed(values).rerank('q', documents(values.length))).items;
      const { items } = await calibrated(fixed(values), calibration).rerank('q', documents(values.length));
      expect(items.map(({ index }) => index)).toEqual(raw.map(({ index }) => index));
      for (const [i, { score }] of items.entries()) {
        expect(score).toBeGreaterThan(0);
        expect(score).toBeLessThan(1);
        if (i > 0) expect(Math.sign(items[i - 1]!.score - score)).toBe(Math.sign(raw[i - 1]!.score - raw[i]!.score));
      }
    }),
  );
});

it('keeps logits of 20, 25 and 1,000 apart', async () => {
  expect(await order(calibrated(fixed([20, 1000, 25]), kinds[0]!), 3)).toEqual([1, 2, 0]);
});

it('gives the sigmoid of a · score + b', () => {
  expect(probabilityOf(0, { kind: 'platt', a: 1, b: 0 })).toBe(0.5);
  expect(probabilityOf(2, { kind: 'platt', a: 0.5, b: 1 })).toBeCloseTo(0.880797, 6);
});

it('reads between the points of an isotonic calibration, and flat outside', () => {
  const steps: Calibration = { kind: 'isotonic', scores: [0, 1, 3], probabilities: [0.1, 0.5, 0.9] };
  const read = [-5, 0, 0.5, 2, 3, 9].map((score) => probabilityOf(score, steps));
  for (const [i, expected] of [0.1, 0.1, 0.3, 0.7, 0.9, 0.9].entries()) expect(read[i]).toBeCloseTo(expected, 12);
});

it.each<Calibration>([
  { kind: 'platt', a: 0, b: 0 },
  { kind: 'platt', a: -1, b: 0 },
  { kind: 'platt', a: 1, b: Number.NaN },
  { kind: 'isotonic', scores: [], probabilities: [] },
  { kind: 'isotonic', scores: [1, 0], probabilities: [0, 1] },
  { kind: 'isotonic', scores: [0, 1], probabilities: [0.5, 0.4] },
  { kind: 'isotonic', scores: [0], probabilities: [1.2] },
])('refuses %j', (calibration) => {
  expect(() => calibrated(fixed([]), calibration)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
});
