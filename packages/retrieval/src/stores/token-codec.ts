import { ResiftError, type TextEncoding } from '@resift/core';

/** Numbers before the tokens: format, flags, count (2 bytes), dimensions (2 bytes). */
const HEADER = 6;
const FORMAT = 1;
const STEPS = 127;

/**
 * The token vectors of a passage as bytes, one for each number: unit vectors have components within [-1, 1], and 127 steps either way
 * move a dot product by about 0.002. The sentence vector is not in them: a store keeps it as the vector it searches.
 */
export function packTokens({ tokens: { count, dimensions, data }, truncated }: TextEncoding): Uint8Array {
  const bytes = new Uint8Array(HEADER + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, FORMAT);
  view.setUint8(1, truncated ? 1 : 0);
  view.setUint16(2, count, true);
  view.setUint16(4, dimensions, true);
  const steps = new Int8Array(bytes.buffer, HEADER);
  for (let i = 0; i < data.length; i++) steps[i] = Math.round(Math.max(-1, Math.min(1, data[i]!)) * STEPS);
  return bytes;
}

/** The encoding that `packTokens` kept, with the sentence vector kept beside it. `corrupt` where the bytes are not what it writes. */
export function unpackTokens(bytes: Uint8Array, sentence: Float32Array): TextEncoding {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length < HEADER ? 0 : view.getUint16(2, true);
  const dimensions = bytes.length < HEADER ? 0 : view.getUint16(4, true);
  if (bytes.length < HEADER || view.getUint8(0) !== FORMAT || bytes.length !== HEADER + count * dimensions) {
    throw new ResiftError(
      'corrupt',
      `Expected the token vectors of a passage, got ${bytes.length} bytes of another form. Run \`resift reindex\`.`,
    );
  }
  const steps = new Int8Array(bytes.buffer, bytes.byteOffset + HEADER, count * dimensions);
  const data = new Float32Array(steps.length);
  for (let i = 0; i < steps.length; i++) data[i] = steps[i]! / STEPS;
  return { sentence, tokens: { count, dimensions, data }, truncated: view.getUint8(1) === 1 };
}
