import { cutoff } from './cutoff.ts';
import type { RankingMetric } from './metric.ts';

export interface NdcgOptions {
  /**
   * `linear`: the grade itself (Järvelin & Kekäläinen 2002; trec_eval `ndcg_cut`; the default).
   * `exponential`: 2^grade - 1 (Burges et al. 2005; ir_measures `dcg='exp-log2'`), which favours the top grades more.
   */
  readonly gain?: 'linear' | 'exponential' | undefined;
}

/** Normalised discounted cumulative gain over the first k, discount 1 / log2(rank + 1). Grades below 1 gain nothing. Without k: the whole list. */
export function ndcg(k?: number, { gain = 'linear' }: NdcgOptions = {}): RankingMetric {
  const depth = k === undefined ? Infinity : cutoff(k, 'nDCG');
  const gainOf = (grade: number) => (grade <= 0 ? 0 : gain === 'linear' ? grade : 2 ** grade - 1);
  return {
    name: `nDCG${gain === 'exponential' ? "(dcg='exp-log2')" : ''}${k === undefined ? '' : `@${k}`}`,
    measure(ranked, judged) {
      const found = ranked.slice(0, depth).map((id) => gainOf(judged.get(id) ?? 0));
      const ideal = [...judged.values()]
        .map(gainOf)
        .sort((a, b) => b - a)
        .slice(0, depth);
      const best = dcg(ideal);
      return best === 0 ? 0 : dcg(found) / best;
    },
  };
}

function dcg(gains: readonly number[]): number {
  return gains.reduce((sum, gain, rank) => sum + gain / Math.log2(rank + 2), 0);
}
