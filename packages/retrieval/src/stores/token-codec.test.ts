import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packTokens, unpackTokens } from './token-codec.ts';

const sentence = new Float32Array([1, 0]);

it('keeps every component to half a step, the counts, and that a text was cut', () => {
  const size = fc.integer({ min: 0, max: 20 });
  fc.assert(
    fc.property(
      size,
      size,
      fc.boolean(),
      fc.infiniteStream(fc.float({ min: -1, max: 1, noNaN: true })),
      (count, dimensions, truncated, numbers) => {
        const data = Float32Array.from({ length: count * dimensions }, () => numbers.next().value as number);
        const back = unpackTokens(packTokens({ sentence, tokens: { count, dimensions, data }, truncated }), sentence);
        expect([back.tokens.count, back.tokens.dimensions, back.truncated]).toEqual([count, dimensions, truncated]);
        for (const [i, value] of back.tokens.data.entries()) expect(Math.abs(value - data[i]!)).toBeLessThanOrEqual(0.5 / 127 + 1e-6);
      },
    ),
  );
});

it('reads bytes that do not begin at the start of their buffer', () => {
  const bytes = packTokens({ sentence, tokens: { count: 1, dimensions: 2, data: new Float32Array([1, -1]) }, truncated: false });
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expect([...unpackTokens(shifted.subarray(3), sentence).tokens.data]).toEqual([1, -1]);
});

it.each([[new Uint8Array(0)], [new Uint8Array([9, 0, 1, 0, 1, 0, 5])], [new Uint8Array([1, 0, 2, 0, 2, 0, 5])]])('refuses %j', (bytes) => {
  expect(() => unpackTokens(bytes, sentence)).toThrowError(expect.objectContaining({ code: 'corrupt' }));
});
