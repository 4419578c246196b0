import { cutoff } from './cutoff.ts';
import { type Binary, type RankingMetric, relSuffix } from './metric.ts';

/** 1 / rank of the first relevant document, 0 where none is in the first k (trec_eval `recip_rank`). Its mean over queries is MRR. */
export function reciprocalRank(k?: number, { relevantFrom = 1 }: Binary = {}): RankingMetric {
  const depth = k === undefined ? Infinity : cutoff(k, 'RR');
  return {
    name: `RR${relSuffix(relevantFrom)}${k === undefined ? '' : `@${k}`}`,
    measure(ranked, judged) {
      const rank = ranked.slice(0, depth).findIndex((id) => (judged.get(id) ?? 0) >= relevantFrom);
      return rank === -1 ? 0 : 1 / (rank + 1);
    },
  };
}
