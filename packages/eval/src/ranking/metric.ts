/** Relevance grades of one query's judged documents. An id that is absent is unjudged; a grade below 0 counts as unjudged, as in trec_eval. */
export type Judgements = ReadonlyMap<string, number>;

/**
 * A ranking metric is a value. It sees one query: ids best first, and that query's judgements.
 * Unjudged documents count as not relevant, unless the metric's own definition says otherwise (bpref, judged@k).
 * A query that has no relevant document gets 0, as `trec_eval -c` does.
 */
export interface RankingMetric {
  /** In the notation of ir_measures: `nDCG@10`, `RR@10`, `AP`, `R@100`, `P@5`, `RBP(p=0.8)`. */
  readonly name: string;
  measure(ranked: readonly string[], judged: Judgements): number;
}

/** The grade from which a document counts as relevant, where a metric is binary. Default 1. */
export interface Binary {
  readonly relevantFrom?: number | undefined;
}

/** Number of judged documents at or above the grade. */
export function countRelevant(judged: Judgements, relevantFrom: number): number {
  let relevant = 0;
  for (const grade of judged.values()) if (grade >= relevantFrom) relevant += 1;
  return relevant;
}

/** The part of a metric's name that says from which grade documents count, empty for the default. */
export function relSuffix(relevantFrom: number): string {
  return relevantFrom === 1 ? '' : `(rel=${relevantFrom})`;
}
