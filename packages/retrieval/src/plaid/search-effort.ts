import { ResiftError } from '@resift/core';

/** How much of an index a search looks at (PLAID, Santhanam et al. 2022). */
export interface SearchEffort {
  /** Nearest centroids of each query token whose documents become candidates; `Infinity` makes candidates of all documents. */
  readonly probes: number;
  /**
   * Candidates whose token vectors are read and scored: those of the best rough scores. Never fewer than `topK`; with fewer candidates than this, all documents become candidates.
   * Default: a twelfth of the documents, but at least 128 or 5 x `topK` and at most 40 x `topK`.
   */
  readonly exact: number;
}

/** A rough score of all documents takes some 10 ms a million tokens; in a larger index only those near the query get one. */
const ALL_TOKENS = 16_000_000;
const PROBES = 4;
const LEAST_EXACT = 128;

/** What a search may look at. */
export interface IndexExtent {
  readonly documents: number;
  readonly tokens: number;
}

/** The effort for the best `topK` of an index, where nothing else is asked for. */
export function effortFor(topK: number, { documents, tokens }: IndexExtent, asked: Partial<SearchEffort> = {}): SearchEffort {
  const usual = Math.max(LEAST_EXACT, 5 * topK, Math.min(Math.floor(documents / 12), 40 * topK));
  const { probes = tokens <= ALL_TOKENS ? Infinity : PROBES, exact = usual } = asked;
  for (const [name, value] of Object.entries({ probes, exact })) {
    if ((Number.isInteger(value) && value >= 1) || (name === 'probes' && value === Infinity)) continue;
    throw new ResiftError('invalid_input', `Expected \`effort.${name}\` to be a whole number of 1 or more, got ${value}.`);
  }
  return { probes, exact: Math.max(exact, topK) };
}
