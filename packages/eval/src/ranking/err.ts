import { ResiftError } from '@resift/core';
import { cutoff } from './cutoff.ts';
import type { RankingMetric } from './metric.ts';

export interface ErrOptions {
  /** The top of the grading scale, not the top grade seen. Default 4, as TREC's gdeval, whose denominator 2^4 it also uses. */
  readonly maxGrade?: number | undefined;
}

/**
 * Expected reciprocal rank (Chapelle et al. 2009): a reader walks down and stops at a document with probability
 * (2^grade - 1) / 2^maxGrade. A query's ideal list does not reach 1.
 */
export function err(k: number, { maxGrade = 4 }: ErrOptions = {}): RankingMetric {
  cutoff(k, 'ERR');
  const top = 2 ** maxGrade;
  return {
    name: `ERR@${k}`,
    measure(ranked, judged) {
      let goesOn = 1;
      let sum = 0;
      for (const [rank, id] of ranked.slice(0, k).entries()) {
        const grade = Math.max(0, judged.get(id) ?? 0);
        if (grade > maxGrade) {
          throw new ResiftError(
            'invalid_input',
            `${id} has grade ${grade}, but ERR was told that ${maxGrade} is the highest: set maxGrade.`,
          );
        }
        const stops = (2 ** grade - 1) / top;
        sum += (goesOn * stops) / (rank + 1);
        goesOn *= 1 - stops;
      }
      return sum;
    },
  };
}
