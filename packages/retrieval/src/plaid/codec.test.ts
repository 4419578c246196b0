import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clusteredEmbedder, clusteredTexts } from '../../fixtures/clustered-embedder.ts';
import { type Bits, encodeResiduals, residualBytes, tokenBytes, trainCodec } from './codec.ts';
import { createDecoder, createQuarterDecoder } from './decode.ts';
import { nearestCentroid } from './nearest.ts';
import { plainProducts } from './products.ts';
import { unitRows } from './unit-rows.ts';

const SIZE = 32;

async function sample(texts: number, seed: number): Promise<Float32Array> {
  const { encodings } = await clusteredEmbedder({ dimensions: SIZE }).encode(clusteredTexts(texts, seed), 'document');
  return Float32Array.from(encodings.flatMap((encoding) => [...(encoding!.tokens.data as Float32Array)]));
}

async function error(bits: Bits, train: Float32Array, rows: Float32Array): Promise<number> {
  const codec = await trainCodec(train, SIZE, { bits, centroids: 64, seed: 1 });
  const codes = await (await nearestCentroid(codec.centroids, SIZE))(rows);
  const decoded = createDecoder(codec)(codes, encodeResiduals(codec, rows, codes));
  expect(decoded.length).toBe(rows.length);
  return decoded.reduce((sum, value, i) => sum + (value - rows[i]!) ** 2, 0) / (rows.length / SIZE);
}

it('gives back vectors that it never saw, the nearer the more bits', async () => {
  const [train, rows] = [await sample(200, 1), await sample(60, 2)];
  const errors = await Promise.all(([1, 2, 4] as const).map((bits) => error(bits, train, rows)));
  // Of squared length 1; the residuals alone are about 0.3.
  expect(errors[0]).toBeLessThan(0.13);
  expect(errors[1]).toBeLessThan(0.05);
  expect(errors[2]).toBeLessThan(0.008);
  expect(errors[0]! / errors[1]!).toBeGreaterThan(1.5);
  expect(errors[1]! / errors[2]!).toBeGreaterThan(3);
});

it('gives back vectors far nearer with the quarters of its buckets, of 1, 2 and 4 bits, and dimensions that fill no byte', async () => {
  for (const [bits, least] of [
    [1, 3],
    [2, 6],
    [4, 8],
  ] as const) {
    for (const size of [SIZE, 27]) {
      const cut = (rows: Float32Array) => rows.filter((_, i) => i % SIZE < size);
      const [train, rows] = [cut(await sample(200, 1)), cut(await sample(60, 2))];
      const codec = await trainCodec(train, size, { bits, refine: true, centroids: 64, seed: 1 });
      const codes = await (await nearestCentroid(codec.centroids, size))(rows);
      const packed = encodeResiduals(codec, rows, codes);
      expect(packed.length).toBe(codes.length * tokenBytes(codec));
      const error = (decoded: Float32Array) => decoded.reduce((sum, value, i) => sum + (value - rows[i]!) ** 2, 0);
      const coarse = error(createDecoder(codec)(codes, packed));
      expect(coarse / error(createQuarterDecoder(codec, codec.quarters!)(codes, packed))).toBeGreaterThan(least);
      // The buckets are those of a codec without quarters.
      const plain = await trainCodec(train, size, { bits, centroids: 64, seed: 1 });
      expect(packed.subarray(0, codes.length * residualBytes(codec))).toEqual(encodeResiduals(plain, rows, codes));
    }
  }
});

it('puts every number within its bucket, for any dimension and bits', async () => {
  const dimension = fc.integer({ min: 1, max: 13 });
  const rows = dimension.chain((size) =>
    fc
      .array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 6 * size, maxLength: 30 * size })
      .map((values) => ({ size, data: Float32Array.from(values.slice(0, values.length - (values.length % size))) })),
  );
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom<Bits>(1, 2, 4), async ({ size, data }, bits) => {
      unitRows(data, size);
      const codec = await trainCodec(data, size, { bits, centroids: 4, seed: 7 });
      const codes = await (await nearestCentroid(codec.centroids, size))(data);
      const packed = encodeResiduals(codec, data, codes);
      expect(packed.length).toBe(codes.length * residualBytes(codec));
      const limits = [-Infinity, ...codec.cutoffs, Infinity];
      const bucketOf = (i: number) => {
        const [row, k] = [Math.floor(i / size), i % size];
        const bit = k * bits;
        return (packed[row * residualBytes(codec) + (bit >> 3)]! >> (bit & 7)) & ((1 << bits) - 1);
      };
      for (const [i, value] of data.entries()) {
        const residual = Math.fround(value - codec.centroids[codes[Math.floor(i / size)]! * size + (i % size)]!);
        const bucket = bucketOf(i);
        expect(residual).toBeGreaterThanOrEqual(limits[bucket]! - 1e-6);
        expect(residual).toBeLessThanOrEqual(limits[bucket + 1]! + 1e-6);
      }
      const decoded = createDecoder(codec)(codes, packed);
      const expected = data.map((_, i) => codec.centroids[codes[Math.floor(i / size)]! * size + (i % size)]! + codec.values[bucketOf(i)]!);
      for (const [i, value] of decoded.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
    }),
    { numRuns: 60 },
  );
});

it('is made by its seed alone, and by any product', async () => {
  const train = await sample(150, 3);
  const make = (seed: number, slow = false) =>
    trainCodec(train, SIZE, { bits: 2, centroids: 64, seed, ...(slow && { multiply: async (a, b, size) => plainProducts(a, b, size) }) });
  const [first, again, slow, other] = [await make(5), await make(5), await make(5, true), await make(6)];
  expect(again).toEqual(first);
  expect(other.centroids).not.toEqual(first.centroids);
  for (const [i, value] of slow.centroids.entries()) expect(value).toBeCloseTo(first.centroids[i]!, 3);
});

it('gives nearly every row its very nearest centroid, though it does not compare all', async () => {
  const rows = await sample(500, 4);
  const { centroids } = await trainCodec(rows, SIZE, { bits: 1, centroids: 512, seed: 1 });
  const found = await (await nearestCentroid(centroids, SIZE))(rows);
  const table = plainProducts(rows, centroids, SIZE);
  const count = centroids.length / SIZE;
  expect(count).toBeGreaterThan(400);
  let exact = 0;
  let lost = 0;
  for (const [row, code] of found.entries()) {
    const products = table.subarray(row * count, (row + 1) * count);
    const best = Math.max(...products);
    if (products[code]! >= best - 1e-5) exact += 1;
    lost += best - products[code]!;
  }
  expect(exact / found.length).toBeGreaterThan(0.95);
  expect(lost / found.length).toBeLessThan(0.002);
});

it('is sound without any row, and with rows that are all the same', async () => {
  const none = await trainCodec(new Float32Array(0), 3, { bits: 4, centroids: 8, seed: 1 });
  expect([...none.centroids]).toEqual([1, 0, 0]);
  const same = await trainCodec(Float32Array.from([0, 1, 0, 0, 1, 0, 0, 1, 0]), 3, { bits: 4, centroids: 8, seed: 1 });
  const codes = await (await nearestCentroid(same.centroids, 3))(Float32Array.from([0, 1, 0]));
  expect([...createDecoder(same)(codes, encodeResiduals(same, Float32Array.from([0, 1, 0]), codes))]).toEqual([0, 1, 0]);
});
