import { ResiftError } from '@resift/core';
import { random } from '../random.ts';
import { type BootstrapOptions, type Interval, quantile } from './bootstrap.ts';

/** What an imperfect detector did on cases of known truth. */
export interface DetectorTrial {
  /** Of cases that have the fault: flagged or not. */
  readonly faulty: readonly boolean[];
  /** Of cases that do not: flagged or not. */
  readonly sound: readonly boolean[];
}

/**
 * The true rate behind the flags of an imperfect detector: (flagged share + specificity - 1) / (sensitivity + specificity - 1), kept in
 * [0, 1] (Rogan & Gladen 1978). The interval resamples the flags and the trial, so that a detector known from few cases gives a wide one.
 */
export function correctedRate(
  flags: readonly boolean[],
  trial: DetectorTrial,
  { samples = 10_000, confidence = 0.95, seed = 1 }: BootstrapOptions = {},
): Interval {
  if (flags.length === 0 || trial.faulty.length === 0 || trial.sound.length === 0) {
    throw new ResiftError('invalid_input', 'A corrected rate needs flags, and a trial with cases of both kinds.');
  }
  const share = (list: readonly boolean[]) => list.filter(Boolean).length / list.length;
  const flagged = share(flags);
  const sensitivity = share(trial.faulty);
  const falseAlarms = share(trial.sound);
  if (sensitivity <= falseAlarms) {
    throw new ResiftError(
      'unusable_content',
      `The detector flags ${sensitivity} of the faulty and ${falseAlarms} of the sound cases: it tells nothing.`,
    );
  }
  const next = random(seed);
  const estimates = Float64Array.from({ length: samples }, () =>
    rate(drawn(flagged, flags.length, next), drawn(sensitivity, trial.faulty.length, next), drawn(falseAlarms, trial.sound.length, next)),
  ).sort();
  return {
    estimate: rate(flagged, sensitivity, falseAlarms),
    low: quantile(estimates, (1 - confidence) / 2),
    high: quantile(estimates, (1 + confidence) / 2),
  };
}

function rate(flagged: number, sensitivity: number, falseAlarms: number): number {
  return sensitivity <= falseAlarms ? 1 : Math.min(1, Math.max(0, (flagged - falseAlarms) / (sensitivity - falseAlarms)));
}

/** The share in a new sample of the same size; half a case of each kind is added, so that 0 of 50 does not mean never. */
function drawn(share: number, n: number, next: () => number): number {
  const smoothed = (share * n + 0.5) / (n + 1);
  let hits = 0;
  for (let i = 0; i < n; i += 1) if (next() < smoothed) hits += 1;
  return hits / n;
}
