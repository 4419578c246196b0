/** Brings every row of `size` numbers to length 1, in place; a row of zeros stays one. */
export function unitRows(rows: Float32Array, size: number): void {
  for (let from = 0; from < rows.length; from += size) {
    let sum = 0;
    for (let k = from; k < from + size; k++) sum += rows[k]! * rows[k]!;
    if (sum === 0) continue;
    const factor = 1 / Math.sqrt(sum);
    for (let k = from; k < from + size; k++) rows[k]! *= factor;
  }
}
