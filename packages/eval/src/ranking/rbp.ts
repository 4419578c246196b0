import { ResiftError } from '@resift/core';
import { type Binary, type RankingMetric, relSuffix } from './metric.ts';

export interface RbpOptions extends Binary {
  /** Probability that the reader goes on to the next document, in (0, 1). Default 0.8, as in ir_measures. */
  readonly persistence?: number | undefined;
}

/** Rank-biased precision (Moffat & Zobel 2008): (1 - p) × the sum of p^(rank - 1) over the relevant documents. */
export function rbp({ persistence = 0.8, relevantFrom = 1 }: RbpOptions = {}): RankingMetric {
  if (!(persistence > 0 && persistence < 1)) {
    throw new ResiftError('invalid_input', `Expected the persistence of RBP to lie between 0 and 1, got ${persistence}.`);
  }
  return {
    name: `RBP(p=${persistence})${relSuffix(relevantFrom)}`,
    measure: (ranked, judged) =>
      ranked.reduce((sum, id, rank) => sum + ((judged.get(id) ?? 0) >= relevantFrom ? (1 - persistence) * persistence ** rank : 0), 0),
  };
}
