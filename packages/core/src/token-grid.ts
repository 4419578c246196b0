import type { TokenVectors } from './embedder.ts';

/** Token vectors on the int8 grid. */
export interface GridVectors extends TokenVectors {
  readonly data: Int8Array;
  readonly scales: Float32Array;
}

/** Steps on either side of zero. */
const STEPS = 127;
/** Numbers below this are zero: their scale would have too few digits. */
const LEAST = 1e-30;
/** Added and taken away again, it rounds a small number to a whole one, halves to the even one, as numpy's `rint` does (1.5 times 2 to the 52nd). */
const NO_FRACTION = 6_755_399_441_055_744;

/**
 * The nearest vectors on a grid of 255 steps of their own: with s = max|x| / 127 (float32), each number is round(x / s) (float32, halves to even), a quarter of the memory. A vector of
 * zeros stays one; one that holds what is not a finite number gets a scale that is not finite, so that no score comes out of it. What lies on the grid already is given back.
 */
export function onGrid(tokens: TokenVectors): GridVectors {
  const { count, dimensions, data: given, scales: known } = tokens;
  if (given instanceof Int8Array && known) return tokens as GridVectors;
  const data = new Int8Array(count * dimensions);
  const scales = new Float32Array(count);
  for (let token = 0; token < count; token++) {
    scales[token] = snap(given as Float32Array, token * dimensions, data, token * dimensions, dimensions);
  }
  return { ...tokens, data, scales };
}

/** Writes `size` numbers of `from`, snapped, into `to`, and gives back their scale. */
export function snap(from: Float32Array, start: number, to: Int8Array, place: number, size: number): number {
  let most = 0;
  for (let k = 0; k < size; k++) {
    const value = Math.abs(from[start + k]!);
    if (Number.isNaN(value)) return value;
    if (value > most) most = value;
  }
  if (most < LEAST) return 0;
  const scale = Math.fround(most / STEPS);
  for (let k = 0; k < size; k++) to[place + k] = Math.fround(from[start + k]! / scale) + NO_FRACTION - NO_FRACTION;
  return scale;
}

/** The vectors as float32, whether they lie on the grid or not. */
export function offGrid({ count, dimensions, data, scales }: TokenVectors): Float32Array {
  if (data instanceof Float32Array) return data;
  const floats = new Float32Array(data.length);
  for (let token = 0; token < count; token++) {
    const scale = scales?.[token] ?? Number.NaN;
    for (let k = token * dimensions; k < (token + 1) * dimensions; k++) floats[k] = data[k]! * scale;
  }
  return floats;
}
