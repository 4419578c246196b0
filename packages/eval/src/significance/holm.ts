import { ResiftError } from '@resift/core';

/** Holm's step-down correction (1979): adjusted p-values in the order given. Compare each with the level you want over all tests together. */
export function holm(pValues: readonly number[]): number[] {
  const broken = pValues.find((p) => !(p >= 0 && p <= 1));
  if (broken !== undefined) throw new ResiftError('invalid_input', `Expected p-values between 0 and 1, got ${broken}.`);
  const order = [...pValues.keys()].sort((i, j) => pValues[i]! - pValues[j]!);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  for (const [step, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - step) * pValues[i]!));
    adjusted[i] = largest;
  }
  return adjusted;
}
