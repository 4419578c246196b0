import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seeded } from '../internal/seeded.ts';
import { type Bits, type Codec, encodeResiduals } from './codec.ts';
import { createQuarterDecoder } from './decode.ts';
import { plainProducts } from './products.ts';
import { quarterBuckets } from './quarters.ts';
import { type DocumentScorer, plainScorer, scoreDocuments } from './score-documents.ts';
import { unitRows } from './unit-rows.ts';

const VALUES: Record<Bits, number[]> = {
  1: [-0.05, 0.05],
  2: [-0.1, -0.03, 0.03, 0.1],
  4: Array.from({ length: 16 }, (_, i) => (i - 7.5) / 60),
};

function made(bits: Bits, size: number, rows: number, tokens: number, seed: number) {
  const random = seeded(seed);
  const vectors = (count: number, spread = 1) => Float32Array.from({ length: count * size }, () => (random() - 0.5) * spread);
  const centroids = vectors(30);
  unitRows(centroids, size);
  const query = vectors(rows);
  unitRows(query, size);
  const values = Float32Array.from(VALUES[bits]);
  const cutoffs = values.slice(1).map((value, i) => (value + values[i]!) / 2);
  const quarters = quarterBuckets(vectors(20, 0.3), { cutoffs, values });
  const codec: Codec = { bits, size, centroids, cutoffs, values, quarters };
  const codes = Uint16Array.from({ length: tokens }, () => Math.floor(random() * 30));
  const noise = vectors(tokens, 0.3);
  const document = noise.map((value, i) => value + centroids[codes[Math.floor(i / size)]! * size + (i % size)]!);
  return { codec, query, codes, residuals: encodeResiduals(codec, document, codes), similar: plainProducts(centroids, query, size) };
}

const using = <T>(scorer: DocumentScorer, work: (scorer: DocumentScorer) => T): T => {
  try {
    return work(scorer);
  } finally {
    scorer.release();
  }
};

it('gives what plain loops give, for any sizes and bits', () => {
  const sizes = fc.record({
    bits: fc.constantFrom<Bits>(1, 2, 4),
    size: fc.integer({ min: 1, max: 200 }),
    rows: fc.integer({ min: 1, max: 30 }),
    tokens: fc.integer({ min: 0, max: 40 }),
    seed: fc.nat(1_000),
  });
  fc.assert(
    fc.property(sizes, ({ bits, size, rows, tokens, seed }) => {
      const { codec, query, codes, residuals, similar } = made(bits, size, rows, tokens, seed);
      const fast = using(scoreDocuments(codec, query, similar), (one) => [one.rough(codes), one.exact(codes, residuals)]);
      const plain = using(plainScorer(codec, query, similar), (one) => [one.rough(codes), one.exact(codes, residuals)]);
      expect(Math.abs(fast[0]! - plain[0]!)).toBeLessThan(0.005 * rows);
      expect(Math.abs(fast[1]! - plain[1]!)).toBeLessThan(0.01 * rows);
    }),
    { seed: 11, numRuns: 200 },
  );
});

it('refines a score by the quarters, with both scorers, and has none where the codec has none', () => {
  for (const bits of [1, 2, 4] as const) {
    const { codec, query, codes, residuals, similar } = made(bits, 50, 7, 30, 5);
    const table = plainProducts(query, createQuarterDecoder(codec, codec.quarters!)(codes, residuals), 50);
    const expected = Array.from({ length: 7 }, (_, row) => Math.max(...table.subarray(row * 30, (row + 1) * 30))).reduce((a, b) => a + b);
    for (const make of [scoreDocuments, plainScorer]) {
      expect(using(make(codec, query, similar), (one) => one.refined!(codes, residuals))).toBeCloseTo(expected, 4);
      expect(using(make({ ...codec, quarters: undefined }, query, similar), (one) => one.refined)).toBeUndefined();
    }
  }
});

it('keeps queries at once apart, and forgets a long document before a short one', () => {
  const [a, b] = [made(4, 192, 22, 90, 1), made(4, 192, 9, 5, 2)];
  const alone = [a, b].map(({ codec, query, codes, residuals, similar }) =>
    using(scoreDocuments(codec, query, similar), (one) => one.exact(codes, residuals)),
  );
  const [first, second] = [scoreDocuments(a.codec, a.query, a.similar), scoreDocuments(b.codec, b.query, b.similar)];
  for (let turn = 0; turn < 3; turn++) {
    expect(first.exact(a.codes, a.residuals)).toBe(alone[0]);
    expect(second.exact(b.codes, b.residuals)).toBe(alone[1]);
  }
  first.release();
  second.release();
  expect(using(scoreDocuments(b.codec, b.query, b.similar), (one) => one.exact(b.codes, b.residuals))).toBe(alone[1]);
});
