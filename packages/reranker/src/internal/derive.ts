import { createReranker, type Ranking, type RankingStatus, type Reranker, type Scale, type Scorer, type Scores } from '@resift/core';

/** A scorer made of other rerankers, or one that knows more about its status than the number of its scores says. */
export interface Derived<S extends Scale> extends Omit<Scorer<S>, 'score'> {
  score(...call: Parameters<Scorer<S>['score']>): Promise<DerivedScores>;
}

export interface DerivedScores extends Scores {
  /** Replaces what follows from the scores. */
  readonly status?: Partial<RankingStatus> | undefined;
}

/** `createReranker`, for a scorer that may say more about its status. */
export function derive<S extends Scale>({ id, scale, score }: Derived<S>): Reranker<S> {
  return {
    id,
    scale,
    async rerank(query, documents, options) {
      let status: Partial<RankingStatus> | undefined;
      const ranking = await createReranker<S>({
        id,
        scale,
        async score(...call) {
          const scores = await score(...call);
          status = scores.status;
          return scores;
        },
      }).rerank(query, documents, options);
      return status ? { ...ranking, status: { ...ranking.status, ...status } } : ranking;
    },
  };
}

/** What the status of the rankings inside says about the whole: `degraded` where all of them failed, `partial` where some did. Their invalid scores add up. */
export function statusOfAll(rankings: readonly Ranking[]): Partial<RankingStatus> {
  const invalid = rankings.reduce((sum, { status }) => sum + status.invalid, 0);
  const failed = rankings.filter(({ status }) => status.status === 'degraded');
  if (failed.length === 0) return { invalid };
  const { reason } = failed[0]!.status;
  return { invalid, status: failed.length === rankings.length ? 'degraded' : 'partial', ...(reason && { reason }) };
}
