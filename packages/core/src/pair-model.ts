import type { CallOptions } from './reranker.ts';
import type { Usage } from './usage.ts';

/** Reads a query and a text together and gives one raw number: the engine of a cross-encoder. */
export interface PairModel {
  readonly id: string;
  /** `logits[i]` belongs to `texts[i]`; `undefined` where the token budget did not reach. */
  score(query: string, texts: readonly string[], options?: CallOptions): Promise<{ logits: (number | undefined)[]; usage: Partial<Usage> }>;
}

/** Text between UTF-16 offsets `[start, end)` of the passage that was read. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Calibrated probability that this span answers the question. */
  readonly probability: number;
}

/** Reads a passage for the answer to a question (extractive reading, SQuAD 2 style). */
export interface SpanReader {
  readonly id: string;
  /** Below this probability a caller should abstain. */
  readonly threshold: number;
  /** For each passage its best spans, best first; empty where the model sees no answer at all. */
  read(question: string, passages: readonly string[], options?: CallOptions): Promise<{ spans: Span[][]; usage: Partial<Usage> }>;
}

/** Says whether a context supports a claim. */
export interface GroundednessModel {
  readonly id: string;
  /** A claim at or above it counts as supported. */
  readonly threshold: number;
  /** Calibrated probabilities in [0, 1], one per claim, in the order given. A long context is read in windows; the best window counts. */
  check(context: string, claims: readonly string[], options?: CallOptions): Promise<{ probabilities: number[]; usage: Partial<Usage> }>;
}

/** Something that holds workers, files or sockets. Closing twice is fine. */
export interface Closable {
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
