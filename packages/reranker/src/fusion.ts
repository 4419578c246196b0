import { addUsage, type Document, noUsage, ordinalScores, type Ranking, type Reranker, ResiftError } from '@resift/core';
import { type DerivedScores, derive, statusOfAll } from './internal/derive.ts';

export interface FusionOptions {
  /**
   * `rrf` (default): Σ weight / (k + rank) (Cormack, Clarke & Büttcher 2009). `borda`: Σ weight · share of the others that a document beats. `condorcet`: how many others
   * a weighted majority of the lists puts a document before, less those it puts it behind (Copeland).
   */
  readonly method?: 'rrf' | 'borda' | 'condorcet' | undefined;
  /** One per reranker, above 0. Default: all 1. */
  readonly weights?: readonly number[] | undefined;
  /** Of `rrf`. Default 60. */
  readonly k?: number | undefined;
}

/**
 * Lets several rerankers rank the same documents at once and fuses the orders, so that scales need not agree. It reads only the orders: the result is one too. A document that some
 * did not score stands last with those; one that none scored is skipped. One that rejects makes the whole reject: wrap it in `failOpen` to go on without it.
 */
export function fused(rerankers: readonly Reranker[], { method = 'rrf', weights, k = 60 }: FusionOptions = {}): Reranker<'ordinal'> {
  const legWeights = checkedWeights(rerankers, weights);
  if (!(k > 0)) throw new ResiftError('invalid_config', `Expected k above 0, got ${k}.`);
  const id = `fused(${method}, ${rerankers.map((reranker) => reranker.id).join(', ')})`;

  return derive({
    id,
    scale: 'ordinal',
    async score(query, texts, { signal, tokenBudget }, documents) {
      const legs = await runAll(rerankers, query, documents, { signal, tokenBudget });
      const ranks = legs.map((leg) => ranksOf(leg, texts.length));
      const points = method === 'condorcet' ? copeland(ranks, legWeights) : sum(ranks, legWeights, worth);
      const scored = [...texts.keys()].filter((i) => ranks.some((leg) => leg[i] !== undefined));
      const order = scored.sort((a, b) => points[b]! - points[a]!); // stable: equals stay in first-stage order
      return { values: ordinalScores(order, texts.length), ...together(legs) };

      function worth(rank: number): number {
        return method === 'rrf' ? 1 / (k + rank + 1) : (texts.length - rank) / texts.length;
      }
    },
  });
}

/** Runs every reranker over the same documents, sharing the budget evenly. */
export function runAll<D extends Document>(
  rerankers: readonly Reranker[],
  query: string,
  documents: readonly D[],
  { signal, tokenBudget }: { readonly signal?: AbortSignal | undefined; readonly tokenBudget?: number | undefined },
): Promise<Ranking<D>[]> {
  const share = tokenBudget === undefined ? undefined : Math.floor(tokenBudget / rerankers.length);
  return Promise.all(rerankers.map((reranker) => reranker.rerank(query, documents, { signal, tokenBudget: share })));
}

/** What the rankings of several rerankers cost and what became of them, for the one made of them. */
export function together(legs: readonly Ranking[]): Omit<DerivedScores, 'values'> {
  return {
    usage: legs.reduce((total, leg) => addUsage(total, leg.usage), noUsage),
    cacheHits: legs.reduce((total, leg) => total + leg.status.cacheHits, 0),
    status: statusOfAll(legs),
  };
}

/** One finite weight above 0 for each of at least one reranker, or `invalid_config`. */
export function checkedWeights(rerankers: readonly Reranker[], weights: readonly number[] = rerankers.map(() => 1)): readonly number[] {
  if (rerankers.length > 0 && weights.length === rerankers.length && weights.every((weight) => Number.isFinite(weight) && weight > 0))
    return weights;
  throw new ResiftError(
    'invalid_config',
    `Expected at least one reranker and a weight above 0 for each, got ${rerankers.length} and [${weights.join(', ')}].`,
  );
}

/** Rank from 0 by input position; of equal scores the rank of the first, so that a tie stays a tie. */
function ranksOf({ items }: Ranking, length: number): (number | undefined)[] {
  const ranks = Array.from<number | undefined>({ length });
  let rank = 0;
  for (const [place, { index, score }] of items.entries()) {
    if (place === 0 || score !== items[place - 1]!.score) rank = place;
    ranks[index] = rank;
  }
  return ranks;
}

type Ranks = readonly (readonly (number | undefined)[])[];

function sum(ranks: Ranks, weights: readonly number[], worth: (rank: number) => number): number[] {
  return Array.from(ranks[0]!, (_, i) =>
    ranks.reduce((total, leg, l) => total + (leg[i] === undefined ? 0 : weights[l]! * worth(leg[i])), 0),
  );
}

function copeland(ranks: Ranks, weights: readonly number[]): number[] {
  const n = ranks[0]!.length;
  const points = Array.from({ length: n }, () => 0);
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const margin = ranks.reduce((total, leg, l) => total + weights[l]! * Math.sign((leg[b] ?? Infinity) - (leg[a] ?? Infinity) || 0), 0);
      points[a]! += Math.sign(margin);
      points[b]! -= Math.sign(margin);
    }
  }
  return points;
}
