import { ResiftError } from '@resift/core';

/** Checks two equally long lists of finite values, `a[i]` and `b[i]` of the same query, and gives `b[i] - a[i]`. */
export function differences(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length) {
    throw new ResiftError('invalid_input', `A paired test needs the same queries on both sides, got ${a.length} and ${b.length} values.`);
  }
  if (a.length < 2) throw new ResiftError('invalid_input', `A paired test needs at least 2 queries, got ${a.length}.`);
  const broken = [...a, ...b].find((value) => !Number.isFinite(value));
  if (broken !== undefined) throw new ResiftError('invalid_input', `A paired test needs finite values, got ${broken}.`);
  return a.map((value, i) => b[i]! - value);
}

/** Mean and sample standard deviation (n - 1). */
export function moments(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
