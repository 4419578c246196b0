import { type Binary, countRelevant, type RankingMetric, relSuffix } from './metric.ts';

/**
 * Binary preference (Buckley & Voorhees 2004, trec_eval `bpref`): of the judged not-relevant documents, how many stand above
 * a relevant one. Looks at judged documents only, so it bears incomplete judgements.
 */
export function bpref({ relevantFrom = 1 }: Binary = {}): RankingMetric {
  return {
    name: `Bpref${relSuffix(relevantFrom)}`,
    measure(ranked, judged) {
      const relevant = countRelevant(judged, relevantFrom);
      if (relevant === 0) return 0;
      const notRelevant = [...judged.values()].filter((grade) => grade >= 0 && grade < relevantFrom).length;
      const bound = Math.min(notRelevant, relevant);
      let above = 0;
      let sum = 0;
      for (const id of ranked) {
        const grade = judged.get(id);
        if (grade === undefined || grade < 0) continue;
        if (grade < relevantFrom) above += 1;
        else sum += above === 0 ? 1 : 1 - Math.min(above, relevant) / bound;
      }
      return sum / relevant;
    },
  };
}
