export interface ShortsShape {
  readonly rows: number;
  readonly size: number;
  /** Rows with those that pad: a multiple of 4. */
  readonly width: number;
  /** Of 16 bytes, in a row of what the query is multiplied with. */
  readonly chunks: number;
  /** Numbers in a byte of it. */
  readonly perByte: number;
}

/**
 * A query as whole numbers of 16 bits, in the order in which a kernel reads it: for each four rows, chunk and place in a byte 16 numbers of each row, zeros where there are none.
 * Gives back what makes products of each row true again.
 */
export function placeShorts(query: Float32Array, { rows, size, width, chunks, perByte }: ShortsShape, to: Int16Array): Float32Array {
  const steps = new Float64Array(width);
  const scales = new Float32Array(width);
  for (let row = 0; row < rows; row++) {
    let [greatest, together] = [0, 0];
    for (let k = row * size; k < (row + 1) * size; k++) {
      const value = Math.abs(query[k]!);
      if (value > greatest) greatest = value;
      together += value;
    }
    if (greatest === 0) continue;
    // So fine that neither a number nor a sum of products with 8 bits runs over.
    steps[row] = Math.min(32_767 / greatest, 2 ** 30 / (127 * together));
    scales[row] = 1 / steps[row]!;
  }
  let at = 0;
  for (let first = 0; first < width; first += 4) {
    for (let chunk = 0; chunk < chunks; chunk++) {
      for (let place = 0; place < perByte; place++) {
        for (let row = first; row < first + 4; row++) {
          for (let byte = 0; byte < 16; byte++) {
            const k = (chunk * 16 + byte) * perByte + place;
            to[at++] = row < rows && k < size ? Math.round(query[row * size + k]! * steps[row]!) : 0;
          }
        }
      }
    }
  }
  return scales;
}
