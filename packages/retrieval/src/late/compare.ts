import { offGrid, onGrid, type TokenVectors } from '@resift/core';
import { placeShorts } from '../plaid/place-shorts.ts';
import { products } from '../plaid/products.ts';
import { compileKernel, type Kernel } from '../plaid/wasm-kernel.ts';
import { gridKernel } from './grid-kernel.ts';

/** MaxSim of one query with one document after another: the mean over the query's tokens of each one's best product with a token of the document; 0 where either has none. */
export type Compare = (tokens: TokenVectors) => number;

/** In 128-bit instructions where there is WebAssembly (true to 1e-4), else in plain loops. */
export function compareWith(rows: Float32Array, size: number): Compare {
  if (rows.length === 0) return () => 0;
  kernel ??= compileKernel<GridFunctions>(gridKernel())?.() ?? 'none';
  return kernel === 'none' ? comparePlainly(rows, size) : compareFast(kernel, rows, size);
}

/** The same without the kernel. */
export function comparePlainly(rows: Float32Array, size: number): Compare {
  const count = rows.length / size;
  return (tokens) => {
    if (count === 0 || tokens.count === 0) return 0;
    const table = products(rows, offGrid(tokens), size);
    let sum = 0;
    for (let from = 0; from < table.length; from += tokens.count) {
      let best = -Infinity;
      for (let at = from; at < from + tokens.count; at++) if (table[at]! > best) best = table[at]!;
      sum += best;
    }
    return sum / count;
  };
}

interface GridFunctions {
  compare(...places: number[]): number;
}

/** One for the process. No comparison waits for anything, so queries take turns with its memory: whoever finds another's query there puts its own. */
let kernel: Kernel<GridFunctions> | 'none' | undefined;
let owner: Compare | undefined;

const CHUNK = 16;

function compareFast({ memory, room, compare }: Kernel<GridFunctions>, query: Float32Array, size: number): Compare {
  const rows = query.length / size;
  const width = Math.ceil(rows / 4) * 4;
  const chunks = Math.ceil(size / CHUNK);
  const atScales = 2 * width * chunks * CHUNK;
  const atTokenScales = atScales + 4 * width;

  const own: Compare = (tokens) => {
    const { count, data, scales } = onGrid(tokens);
    if (count === 0) return 0;
    const atDocument = atTokenScales + Math.ceil((4 * count) / CHUNK) * CHUNK;
    room(atDocument + count * chunks * CHUNK);
    if (owner !== own) {
      const shorts = new Int16Array(memory.buffer, 0, width * chunks * CHUNK);
      new Float32Array(memory.buffer, atScales, width).set(placeShorts(query, { rows, size, width, chunks, perByte: 1 }, shorts));
      owner = own;
    }
    new Float32Array(memory.buffer, atTokenScales, count).set(scales);
    const bytes = new Int8Array(memory.buffer, atDocument, count * chunks * CHUNK);
    if (size === chunks * CHUNK) bytes.set(data);
    else {
      bytes.fill(0);
      for (let i = 0; i < count; i++) bytes.set(data.subarray(i * size, (i + 1) * size), i * chunks * CHUNK);
    }
    return compare(atDocument, count, chunks, 0, atScales, atScales, atTokenScales) / rows;
  };
  return own;
}
