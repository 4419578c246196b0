import { expect, it } from 'vitest';
import { confidenceSequence } from './confidence-sequence.ts';
import { seeded } from './internal/seeded.ts';

it('misses the mean in at most alpha of the streams, though one looks after every observation', () => {
  const random = seeded(7);
  let missed = 0;
  for (let stream = 0; stream < 400; stream++) {
    const share = 0.1 + 0.8 * random();
    const sequence = confidenceSequence({ range: [0, 1], alpha: 0.1 });
    for (let i = 0; i < 200; i++) {
      sequence.observe(random() < share ? 1 : 0);
      const { lower, upper } = sequence.interval();
      if (share < lower || share > upper) {
        missed += 1;
        break;
      }
    }
  }
  expect(missed / 400).toBeLessThanOrEqual(0.1);
});

it('narrows, and sooner for observations that vary less', () => {
  const random = seeded(3);
  const widthAfter = (count: number, noise: number) => {
    const sequence = confidenceSequence({ range: [-1, 1] });
    for (let i = 0; i < count; i++) sequence.observe(0.1 + noise * (random() - 0.5));
    const { lower, upper } = sequence.interval();
    expect(lower).toBeLessThan(0.1);
    expect(upper).toBeGreaterThan(0.1);
    return upper - lower;
  };
  expect(widthAfter(4000, 0.5)).toBeLessThan(widthAfter(400, 0.5) / 2);
  expect(widthAfter(1000, 0.1)).toBeLessThan(widthAfter(1000, 1.5));
  expect(confidenceSequence({ range: [-1, 1] }).interval()).toEqual({ count: 0, mean: 0, lower: -1, upper: 1 });
});

it('goes on from its state', () => {
  const whole = confidenceSequence({ range: [0, 1] });
  const first = confidenceSequence({ range: [0, 1] });
  const values = [0.1, 0.9, 0.4, 0.4, 1, 0];
  for (const value of values) whole.observe(value);
  for (const value of values.slice(0, 3)) first.observe(value);
  const second = confidenceSequence({ range: [0, 1], state: JSON.parse(JSON.stringify(first.state())) });
  for (const value of values.slice(3)) second.observe(value);
  expect(second.interval()).toEqual(whole.interval());
});

it('refuses what lies outside, and a range that is none', () => {
  expect(() => confidenceSequence({ range: [0, 1] }).observe(1.1)).toThrow('from 0 to 1');
  expect(() => confidenceSequence({ range: [0, 1] }).observe(Number.NaN)).toThrow('NaN');
  expect(() => confidenceSequence({ range: [1, 1] })).toThrow('range');
});
