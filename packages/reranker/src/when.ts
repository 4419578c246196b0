import {
  checkInput,
  type Document,
  noUsage,
  type Reranker,
  type RerankOptions,
  type RerankReason,
  ResiftError,
  type Scale,
} from '@resift/core';

/** `true` to rerank, or the reason why not. It must be cheap: it runs before anything is called. */
export type Rule = (
  query: string,
  documents: readonly Document[],
  options: RerankOptions,
) => true | Extract<RerankReason, 'rule' | 'budget'>;

/** Reranks only where every rule agrees; otherwise all documents come back in `skipped`, in first-stage order, with status `skipped`. */
export function when<S extends Scale>(rules: Rule | readonly Rule[], reranker: Reranker<S>): Reranker<S> {
  const all = typeof rules === 'function' ? [rules] : rules;
  return {
    id: reranker.id,
    scale: reranker.scale,
    async rerank(query, documents, options = {}) {
      options.signal?.throwIfAborted();
      checkInput(query, documents, options.topK);
      const verdict = all.map((rule) => rule(query, documents, options)).find((answer) => answer !== true);
      if (verdict === undefined || documents.length === 0) return reranker.rerank(query, documents, options);
      const status = {
        status: 'skipped',
        reason: verdict as RerankReason,
        window: documents.length,
        scored: 0,
        invalid: 0,
        cacheHits: 0,
      } as const;
      return { items: [], skipped: documents, scale: reranker.scale, usage: noUsage, status };
    },
  };
}

/** Not worth it for fewer documents than this. */
export function atLeastDocuments(count: number): Rule {
  return (_, documents) => documents.length >= count || 'rule';
}

/** Not with less left of the token budget than this. */
export function atLeastTokens(tokens: number): Rule {
  return (_, __, { tokenBudget = Infinity }) => tokenBudget >= tokens || 'budget';
}

/**
 * Not where the first stage has a clear winner: the best of its scores at least `ratio` times the second. `score` reads a document's first-stage score; a document without one, or a
 * second score that is not above 0, counts as no clear winner.
 */
export function noClearWinner(score: (document: Document) => number | undefined, ratio: number): Rule {
  if (!(ratio > 1)) throw new ResiftError('invalid_config', `Expected a ratio above 1, got ${ratio}.`);
  return (_, documents) => {
    const scores = documents.map(score);
    if (scores.length < 2 || scores.some((value) => value === undefined)) return true;
    const [first, second] = (scores as number[]).sort((a, b) => b - a);
    return second! > 0 && first! >= ratio * second! ? 'rule' : true;
  };
}
