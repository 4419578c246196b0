import { ResiftError } from '@resift/core';

/** An interval that holds the mean with the wanted confidence at every moment at once: it may be looked at after each observation. */
export interface ConfidenceInterval {
  readonly count: number;
  /** Mean of what was observed; the middle of the range before the first. */
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

/** Everything a sequence remembers: plain numbers, to be kept as JSON. */
export interface ConfidenceState {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
  readonly weights: number;
  readonly weighted: number;
  readonly spread: number;
  readonly lower: number;
  readonly upper: number;
}

export interface ConfidenceSequence {
  observe(value: number): void;
  interval(): ConfidenceInterval;
  state(): ConfidenceState;
}

export interface ConfidenceOptions {
  /** Every observation lies within. */
  readonly range: readonly [least: number, most: number];
  /** Chance that the interval ever misses the mean. Default 0.05. */
  readonly alpha?: number | undefined;
  /** Go on from here. */
  readonly state?: ConfidenceState | undefined;
}

/**
 * The predictable plug-in empirical Bernstein confidence sequence for the mean of bounded observations (Waudby-Smith & Ramdas 2024, theorem 2; after Howard et al. 2021). It assumes no distribution, and is never wider than it was.
 */
export function confidenceSequence({ range: [least, most], alpha = 0.05, state }: ConfidenceOptions): ConfidenceSequence {
  if (!(most > least) || !(alpha > 0 && alpha < 1)) {
    throw new ResiftError('invalid_config', `Expected a range that rises and alpha between 0 and 1, got [${least}, ${most}] and ${alpha}.`);
  }
  const width = most - least;
  const bound = Math.log(2 / alpha);
  // Everything below is on [0, 1].
  let { count, sum, squares, weights, weighted, spread, lower, upper } = state ?? START;

  return {
    observe(value) {
      if (!(value >= least && value <= most))
        throw new ResiftError('invalid_input', `Expected a value from ${least} to ${most}, got ${value}.`);
      const x = (value - least) / width;
      const t = count + 1;
      const meanBefore = (0.5 + sum) / (count + 1);
      const varianceBefore = (0.25 + squares) / (count + 1);
      // What is staked on this observation may depend on the past only.
      const stake = Math.min(Math.sqrt((2 * bound) / (varianceBefore * t * Math.log(t + 1))), 0.5);
      weights += stake;
      weighted += stake * x;
      spread += 4 * (x - meanBefore) ** 2 * ((-Math.log(1 - stake) - stake) / 4);
      count = t;
      sum += x;
      squares += (x - (0.5 + sum) / (count + 1)) ** 2;
      const centre = weighted / weights;
      const radius = (bound + spread) / weights;
      lower = Math.max(lower, centre - radius);
      upper = Math.min(upper, centre + radius);
    },
    interval: () => ({
      count,
      mean: least + width * (count === 0 ? 0.5 : sum / count),
      lower: least + width * lower,
      upper: least + width * upper,
    }),
    state: () => ({ count, sum, squares, weights, weighted, spread, lower, upper }),
  };
}

const START: ConfidenceState = { count: 0, sum: 0, squares: 0, weights: 0, weighted: 0, spread: 0, lower: 0, upper: 1 };
