import { ResiftError } from '@resift/core';

/** How much of an index a search looks at (PLAID, Santhanam et al. 2022). */
export interface SearchEffort {
  /** Nearest centroids of each query token whose documents become candidates; `Infinity` makes candidates of all documents. */
  readonly probes: number;
  /** Candidates whose token vectors are read and scored: those of the best rough scores. Never fewer than `topK`; with fewer candidates than this, all documents become candidates. */
  readonly exact: number;
}

/** A rough score of all documents takes some 10 ms a million tokens; in a larger index only those near the query get one. */
const ALL_TOKENS = 16_000_000;
const PROBES = 4;

/** The effort for the best `topK` of an index of so many tokens, where nothing else is asked for. */
export function effortFor(topK: number, tokens: number, asked: Partial<SearchEffort> = {}): SearchEffort {
  const { probes = tokens <= ALL_TOKENS ? Infinity : PROBES, exact = Math.max(128, 5 * topK) } = asked;
  for (const [name, value] of Object.entries({ probes, exact })) {
    if ((Number.isInteger(value) && value >= 1) || (name === 'probes' && value === Infinity)) continue;
    throw new ResiftError('invalid_input', `Expected \`effort.${name}\` to be a whole number of 1 or more, got ${value}.`);
  }
  return { probes, exact: Math.max(exact, topK) };
}
