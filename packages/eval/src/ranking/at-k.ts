import { cutoff } from './cutoff.ts';
import { type Binary, countRelevant, type Judgements, type RankingMetric, relSuffix } from './metric.ts';

/** Share of the relevant documents that are in the first k (trec_eval `recall`). */
export function recall(k: number, { relevantFrom = 1 }: Binary = {}): RankingMetric {
  return atK('R', k, relevantFrom, (hits, judged) => hits / Math.max(1, countRelevant(judged, relevantFrom)));
}

/** Share of relevant documents in the first k. A list shorter than k is filled up with misses (trec_eval `P`). */
export function precision(k: number, { relevantFrom = 1 }: Binary = {}): RankingMetric {
  return atK('P', k, relevantFrom, (hits) => hits / k);
}

/** 1 where the first k hold a relevant document, else 0 (trec_eval `success`; also called hit@k). */
export function hitRate(k: number, { relevantFrom = 1 }: Binary = {}): RankingMetric {
  return atK('Success', k, relevantFrom, (hits) => (hits > 0 ? 1 : 0));
}

/** Precision at R, the number of relevant documents (trec_eval `Rprec`). */
export function rPrecision({ relevantFrom = 1 }: Binary = {}): RankingMetric {
  return {
    name: `Rprec${relSuffix(relevantFrom)}`,
    measure(ranked, judged) {
      const relevant = countRelevant(judged, relevantFrom);
      return relevant === 0 ? 0 : hitsIn(ranked.slice(0, relevant), judged, relevantFrom) / relevant;
    },
  };
}

/** Share of the first k that is judged at all (ir_measures `Judged`); of the whole list where it is shorter. Low values make the other metrics doubtful. */
export function judged(k: number): RankingMetric {
  cutoff(k, 'Judged');
  return {
    name: `Judged@${k}`,
    measure(ranked, judgements) {
      const top = ranked.slice(0, k);
      return top.length === 0 ? 0 : top.filter((id) => judgements.has(id)).length / top.length;
    },
  };
}

function atK(name: string, k: number, relevantFrom: number, value: (hits: number, judged: Judgements) => number): RankingMetric {
  cutoff(k, name);
  return {
    name: `${name}${relSuffix(relevantFrom)}@${k}`,
    measure: (ranked, judged) => value(hitsIn(ranked.slice(0, k), judged, relevantFrom), judged),
  };
}

function hitsIn(ids: readonly string[], judged: Judgements, relevantFrom: number): number {
  return ids.filter((id) => (judged.get(id) ?? 0) >= relevantFrom).length;
}
