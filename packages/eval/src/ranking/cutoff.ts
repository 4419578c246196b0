import { ResiftError } from '@resift/core';

/** Checks a cutoff: a whole number of at least 1. */
export function cutoff(k: number, metric: string): number {
  if (Number.isInteger(k) && k >= 1) return k;
  throw new ResiftError('invalid_input', `Expected the cutoff of ${metric} to be a whole number of 1 or more, got ${k}.`);
}
