import type { Document } from './document.ts';
import type { CallOptions } from './reranker.ts';
import type { Usage } from './usage.ts';

/** Models may encode questions and passages differently. */
export type TextKind = 'query' | 'document';

/** Turns a text into one unit-length vector. */
export interface Embedder {
  /** Names the model and the hash of its file: vectors of different ids never meet. */
  readonly id: string;
  readonly dimensions: number;
  /** One vector per text, in the order given. */
  embed(texts: readonly string[], kind: TextKind, options?: CallOptions): Promise<{ vectors: Float32Array[]; usage: Partial<Usage> }>;
}

/**
 * Vectors of a text's tokens, row by row in one array: `data.length === count * dimensions`. A query's are float32 and of unit length. A document's may lie on the
 * int8 grid of `onGrid`, which every score is computed from, so that kept vectors give exactly the scores of fresh ones: vector i is `scales[i]` times its row.
 */
export interface TokenVectors {
  readonly count: number;
  readonly dimensions: number;
  readonly data: Float32Array | Int8Array;
  /** One for each token, there where `data` is int8. */
  readonly scales?: Float32Array | undefined;
  /** Importance of each token as a query token, where the model gives one. */
  readonly weights?: Float32Array | undefined;
  /** UTF-16 offsets `[start, end)` of each token in the text, two numbers per token, where asked for. */
  readonly offsets?: Uint32Array | undefined;
}

/** Everything one pass of an encoder gives for one text. A document's token vectors should lie on the grid (`onGrid`); where they do not, they are put there before they are scored. */
export interface TextEncoding {
  readonly sentence: Float32Array;
  readonly tokens: TokenVectors;
  readonly truncated: boolean;
}

/**
 * Encodings kept since the documents came in: `result[i]` is what the encoder would give for `documents[i].text` now, to the last bit, or undefined where
 * there is none of this very text.
 */
export type StoredEncodings = (
  documents: readonly Document[],
  options?: Pick<CallOptions, 'signal'>,
) => Promise<readonly (TextEncoding | undefined)[]>;

/** Turns a text into a vector per token, and one for the whole, in one pass (ColBERT, Khattab & Zaharia 2020). */
export interface TokenEmbedder {
  readonly id: string;
  readonly dimensions: number;
  readonly tokenDimensions: number;
  encode(
    texts: readonly string[],
    kind: TextKind,
    options?: CallOptions,
  ): Promise<{ encodings: (TextEncoding | undefined)[]; usage: Partial<Usage> }>;
}
