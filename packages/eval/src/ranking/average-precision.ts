import { cutoff } from './cutoff.ts';
import { type Binary, countRelevant, type RankingMetric, relSuffix } from './metric.ts';

/** Average precision (trec_eval `map`, `map_cut`): precision at each relevant document, over the number of relevant documents. Its mean over queries is MAP. */
export function averagePrecision(k?: number, { relevantFrom = 1 }: Binary = {}): RankingMetric {
  const depth = k === undefined ? Infinity : cutoff(k, 'AP');
  return {
    name: `AP${relSuffix(relevantFrom)}${k === undefined ? '' : `@${k}`}`,
    measure(ranked, judged) {
      let hits = 0;
      let sum = 0;
      for (const [rank, id] of ranked.slice(0, depth).entries()) {
        if ((judged.get(id) ?? 0) < relevantFrom) continue;
        hits += 1;
        sum += hits / (rank + 1);
      }
      const relevant = countRelevant(judged, relevantFrom);
      return relevant === 0 ? 0 : sum / relevant;
    },
  };
}
