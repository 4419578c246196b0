import { onGrid } from '@resift/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packEncoding, textKey, unpackEncoding } from './token-codec.ts';

const float = fc.float({ min: -1, max: 1, noNaN: true });
const encodings = fc.record({
  sentence: fc.array(float, { maxLength: 5 }).map((all) => new Float32Array(all)),
  tokens: fc
    .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 7 }))
    .chain(([count, dimensions]) =>
      fc
        .array(float, { minLength: count * dimensions, maxLength: count * dimensions })
        .map((all) => onGrid({ count, dimensions, data: new Float32Array(all) })),
    ),
  truncated: fc.boolean(),
});
const text = fc.string({ unit: 'binary' });

it('gives back what it was given, from bytes that begin anywhere', () => {
  fc.assert(
    fc.property(text, encodings, fc.integer({ min: 0, max: 3 }), (text, encoding, shift) => {
      const packed = packEncoding(text, encoding);
      const moved = new Uint8Array(packed.length + shift);
      moved.set(packed, shift);
      expect(unpackEncoding(moved.subarray(shift), textKey(text))).toEqual(encoding);
    }),
  );
});

it('gives nothing to another text, be it half a surrogate pair away', () => {
  const encoding = {
    sentence: Float32Array.of(1),
    tokens: onGrid({ count: 1, dimensions: 1, data: Float32Array.of(1) }),
    truncated: false,
  };
  fc.assert(
    fc.property(text, text, (one, other) => {
      fc.pre(one !== other);
      expect(unpackEncoding(packEncoding(one, encoding), textKey(other))).toBeUndefined();
    }),
  );
  expect(textKey('\ud800')).not.toBe(textKey('\ufffd'));
});

it('refuses bytes of another form or length', () => {
  fc.assert(
    fc.property(text, encodings, fc.nat(200), (text, encoding, cut) => {
      const packed = packEncoding(text, encoding);
      fc.pre(cut < packed.length);
      expect(() => unpackEncoding(packed.subarray(0, cut), textKey(text))).toThrow(expect.objectContaining({ code: 'corrupt' }));
    }),
  );
  expect(() => unpackEncoding(new Uint8Array(40), '')).toThrow(expect.objectContaining({ code: 'corrupt' }));
});
