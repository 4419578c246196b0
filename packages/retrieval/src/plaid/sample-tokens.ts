import type { Document } from '@resift/core';
import { sampleOf, seeded } from '../internal/seeded.ts';
import { type Encoding, encodeDocuments } from './encode-documents.ts';

export interface TokenSample {
  readonly documents: number;
  /** Token vectors of the documents that were drawn. */
  readonly rows: Float32Array;
  /** The vectors of a document, by its position, where it was drawn: they need not be made again. */
  rowsOf(position: number): Float32Array | undefined;
}

export interface SampleOptions<D extends Document> extends Encoding<D> {
  readonly seed: number;
  /** Enough tokens; the last document drawn may go over. */
  readonly tokens: number;
  readonly onProgress?: ((tokens: number) => void) | undefined;
}

/** Encodes documents in random order until there are enough tokens, or no more documents. */
export async function sampleTokens<D extends Document>(documents: readonly D[], options: SampleOptions<D>): Promise<TokenSample> {
  const size = options.embedder.tokenDimensions;
  const order = sampleOf(documents.length, documents.length, seeded(options.seed));
  const places = new Map<number, readonly [start: number, end: number]>();
  let rows = new Float32Array(0);
  let used = 0;

  const drawn = Array.from(order, (position) => documents[position]!);
  for await (const encoded of encodeDocuments(drawn, options)) {
    if (rows.length < used + encoded.rows.length) {
      const larger = new Float32Array(Math.max(2 * rows.length, used + encoded.rows.length));
      larger.set(rows.subarray(0, used));
      rows = larger;
    }
    rows.set(encoded.rows, used);
    places.set(order[places.size]!, [used, used + encoded.rows.length]);
    used += encoded.rows.length;
    options.onProgress?.(used / size);
    if (used >= options.tokens * size) break;
  }
  return {
    documents: places.size,
    rows: rows.subarray(0, used),
    rowsOf(position) {
      const place = places.get(position);
      return place && rows.subarray(...place);
    },
  };
}
