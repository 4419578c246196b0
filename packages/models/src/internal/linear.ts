import type { Calibration, LinearHead } from '../manifest.ts';

/** `bias + sum of weights[i] * (feature i - mean[i]) / scale[i]`, the features taken by name. A name that is not given is an error. */
export function linearLogit(head: LinearHead, features: Readonly<Record<string, number>>): number {
  let logit = head.bias;
  for (const [i, name] of head.features.entries()) {
    const value = features[name];
    if (value === undefined) throw new RangeError(`Unknown feature "${name}".`);
    logit += (head.weights[i]! * (value - head.mean[i]!)) / head.scale[i]!;
  }
  return logit;
}

/** A probability of a logit: Platt's sigmoid, or isotonic by straight lines between its points. */
export function calibrate(calibration: Calibration, logit: number): number {
  if (calibration.kind === 'platt') return 1 / (1 + Math.exp(-(calibration.a * logit + calibration.b)));
  const { x, y } = calibration;
  if (logit <= x[0]!) return y[0]!;
  for (let i = 1; i < x.length; i += 1) {
    if (logit <= x[i]!) return y[i - 1]! + ((logit - x[i - 1]!) / (x[i]! - x[i - 1]!)) * (y[i]! - y[i - 1]!);
  }
  return y[x.length - 1]!;
}
