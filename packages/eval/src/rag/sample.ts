import type { Usage } from '@resift/core';

/** One answered question. Which fields a metric needs stands in its signature. */
export interface RagSample {
  readonly question: string;
  readonly answer: string;
  /** The texts the generator was given, in that order. */
  readonly contexts: readonly string[];
  /** A reference answer, as a sentence. */
  readonly reference: string;
}

export interface RagScore {
  /** In [0, 1]. Absent where the metric says nothing about this sample (an answer without a statement, an abstention): leave it out of the mean. */
  readonly value?: number;
  readonly usage: Usage;
}
