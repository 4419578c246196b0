import { ResiftError } from '@resift/core';

/** How much of an index a search looks at (PLAID, Santhanam et al. 2022). */
export interface SearchEffort {
  /** Nearest centroids of each query token whose documents become candidates. */
  readonly probes: number;
  /** Tokens whose centroid is less similar than this to every query token are left out of the first, rough score. */
  readonly threshold: number;
  /** Candidates that the rough score keeps; they get a score from all their centroids. */
  readonly candidates: number;
  /** Candidates whose token vectors are read and scored. Never fewer than `topK`; with fewer candidates than this, all documents become candidates. */
  readonly exact: number;
}

/** The effort for the best `topK`, where nothing else is asked for: somewhat more than PLAID's own, as an index here is small. */
export function effortFor(topK: number, asked: Partial<SearchEffort> = {}): SearchEffort {
  const usual =
    topK <= 10
      ? { probes: 4, threshold: 0.45, candidates: 512, exact: 128 }
      : topK <= 100
        ? { probes: 8, threshold: 0.4, candidates: 2_048, exact: 400 }
        : { probes: 8, threshold: 0.3, candidates: Math.max(8 * topK, 4_096), exact: 4 * topK };
  const effort = { ...usual, ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) };
  for (const name of ['probes', 'candidates', 'exact'] as const) {
    if (Number.isInteger(effort[name]) && effort[name] >= 1) continue;
    throw new ResiftError('invalid_input', `Expected \`effort.${name}\` to be a whole number of 1 or more, got ${effort[name]}.`);
  }
  if (!Number.isFinite(effort.threshold)) {
    throw new ResiftError('invalid_input', `Expected \`effort.threshold\` to be a number, got ${effort.threshold}.`);
  }
  const exact = Math.max(effort.exact, topK);
  return { ...effort, exact, candidates: Math.max(effort.candidates, exact) };
}
