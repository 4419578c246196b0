import type { ConfidenceInterval } from '../confidence-sequence.ts';

/** `helps`: the lift is surely above 0 and may reach the threshold. `not worth it`: it is surely below the threshold. `unclear`: not enough is known yet. */
export type LiftVerdict = 'helps' | 'unclear' | 'not worth it';

export function liftVerdict({ count, lower, upper }: ConfidenceInterval, threshold: number): LiftVerdict {
  if (count === 0) return 'unclear';
  if (upper < threshold) return 'not worth it';
  return lower > 0 ? 'helps' : 'unclear';
}
