import { productKernel } from './product-kernel.ts';
import { compileKernel } from './wasm-kernel.ts';

/**
 * Dot products of every row of `a` with every row of `b` (rows of `size` numbers): `result[i * columns + j]` is row `i` of `a` times row `j` of `b`.
 * Where an application has a faster matrix product than this package (ONNX Runtime, a GPU), it passes it in this form.
 */
export type Multiply = (a: Float32Array, b: Float32Array, size: number) => Float32Array | Promise<Float32Array>;

/**
 * The product of this package, in 32-bit SIMD sums; plain JavaScript where there is no WebAssembly. It does not depend on what else is
 * in the tables. Copies both into the module's memory: make them a few megabytes at most.
 */
export function products(a: Float32Array, b: Float32Array, size: number): Float32Array {
  kernel ??= load();
  return kernel === 'none' ? plainProducts(a, b, size) : kernel(a, b, size);
}

/** The same in plain loops. */
export function plainProducts(a: Float32Array, b: Float32Array, size: number): Float32Array {
  const rows = a.length / size;
  const columns = b.length / size;
  const table = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += a[i * size + k]! * b[j * size + k]!;
      table[i * columns + j] = sum;
    }
  }
  return table;
}

type Kernel = (a: Float32Array, b: Float32Array, size: number) => Float32Array;

/** One for the process: its memory is used again by the next call. */
let kernel: Kernel | 'none' | undefined;

function load(): Kernel | 'none' {
  const open = compileKernel<{ products(...places: number[]): void }>(productKernel());
  if (!open) return 'none';
  const { memory, room, products: run } = open();

  return (a, b, size) => {
    const rows = a.length / size;
    const columns = b.length / size;
    if (rows === 0 || columns === 0) return new Float32Array(0);
    const stride = padded(size, 4);
    const atB = padded(rows, 4) * stride;
    const atOut = atB + padded(columns, 2) * stride;
    const length = atOut + padded(rows, 4) * padded(columns, 2);
    room(4 * length);

    const floats = new Float32Array(memory.buffer, 0, length);
    place(a, rows, size, floats, 0, stride);
    place(b, columns, size, floats, atB, stride);
    run(0, 4 * atB, 4 * atOut, padded(rows, 4), padded(columns, 2), 4 * stride);
    if (columns === padded(columns, 2)) return floats.slice(atOut, atOut + rows * columns);
    const table = new Float32Array(rows * columns);
    for (let i = 0; i < rows; i++) {
      const from = atOut + i * padded(columns, 2);
      table.set(floats.subarray(from, from + columns), i * columns);
    }
    return table;
  };
}

const padded = (count: number, to: number) => Math.ceil(count / to) * to;

/** Rows that only pad keep what was there before: nobody reads their products. Numbers that pad a row must be zeros. */
function place(from: Float32Array, rows: number, size: number, into: Float32Array, at: number, stride: number) {
  if (size === stride) {
    into.set(from, at);
    return;
  }
  for (let i = 0; i < rows; i++) {
    into.set(from.subarray(i * size, (i + 1) * size), at + i * stride);
    into.fill(0, at + i * stride + size, at + (i + 1) * stride);
  }
}
