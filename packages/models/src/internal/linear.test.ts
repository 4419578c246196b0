import fc from 'fast-check';
import { expect, it } from 'vitest';
import { calibrate, linearLogit } from './linear.ts';

const head = { features: ['b', 'a'], mean: [1, 2], scale: [2, 4], weights: [3, 5], bias: 0.5 };

it('weighs features by name', () => {
  expect(linearLogit(head, { a: 6, b: 3, c: 99 })).toBe(0.5 + 3 + 5);
  expect(() => linearLogit(head, { a: 1 })).toThrow('"b"');
});

it('calibrates by points, flat outside of them, and never out of order', () => {
  const isotonic = { kind: 'isotonic', x: [-1, 0, 0, 2], y: [0.1, 0.3, 0.5, 0.9] } as const;
  expect([-9, -1, -0.5, 1, 2, 9].map((logit) => calibrate(isotonic, logit))).toEqual([0.1, 0.1, 0.2, 0.7, 0.9, 0.9]);
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -5, max: 5 }), fc.double({ noNaN: true, min: 0, max: 5 }), (logit, more) => {
      expect(calibrate(isotonic, logit + more)).toBeGreaterThanOrEqual(calibrate(isotonic, logit) - 1e-12);
    }),
  );
  expect(calibrate({ kind: 'platt', a: 2, b: 1 }, -0.5)).toBe(0.5);
});
