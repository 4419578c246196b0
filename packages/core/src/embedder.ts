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

/** Unit-length vectors of a text's tokens, row by row in one array: `data.length === count * dimensions`. */
export interface TokenVectors {
  readonly count: number;
  readonly dimensions: number;
  readonly data: Float32Array;
  /** Importance of each token as a query token, where the model gives one. */
  readonly weights?: Float32Array | undefined;
  /** UTF-16 offsets `[start, end)` of each token in the text, two numbers per token, where asked for. */
  readonly offsets?: Uint32Array | undefined;
}

/** Everything one pass of an encoder gives for one text. */
export interface TextEncoding {
  readonly sentence: Float32Array;
  readonly tokens: TokenVectors;
  readonly truncated: boolean;
}

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
