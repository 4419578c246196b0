import { type GridVectors, offGrid, type TokenVectors } from '@resift/core';
import { dotKernel } from './dot-kernel.ts';
import { type DotInput, dotTiles } from './dot-tiles.ts';

/** Writes raw dot products, before the scales of the document's tokens, into a table with a row for each query token. */
export type Multiply = (input: DotInput, table: Float64Array) => void;

/** The last table of dot products, kept so that no call allocates. */
let table = new Float64Array(32 * 256);
let multiply: Multiply | undefined;

/** All dot products of a query's tokens with a document's, row `i` for query token `i`; the array is reused by the next call. The inner loop of late interaction. */
export function dotProducts(query: TokenVectors, document: GridVectors): Float64Array {
  const { count: rows, dimensions: size } = query;
  const { count: columns, scales } = document;
  if (table.length < rows * columns) table = new Float64Array(2 * rows * columns);
  if (rows === 0 || columns === 0) return table;
  multiply ??= wasmMultiply() ?? dotTiles;
  multiply({ query: offGrid(query), rows, document: document.data, columns, size }, table);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < columns; j++, at++) table[at]! *= scales[j]!;
  return table;
}

const BLOCK = 16;
const PAGE = 65_536;

/** The kernel with its memory; undefined where this runtime makes no WebAssembly from bytes, or has no 128-bit instructions. */
export function wasmMultiply(): Multiply | undefined {
  const exports = instance();
  if (!exports) return undefined;
  const { memory, dots } = exports;

  return ({ query, rows, document, columns, size }, into) => {
    const blocks = Math.ceil(size / BLOCK);
    const groups = Math.ceil(rows / 4);
    const at = 4 * 4 * groups * blocks * BLOCK;
    const out = at + columns * blocks * BLOCK + (-(columns * blocks * BLOCK) & 3);
    const end = out + 16 * groups * columns;
    if (end > memory.buffer.byteLength) memory.grow(Math.ceil((end - memory.buffer.byteLength) / PAGE));
    packQuery(query, { rows, size, blocks, groups }, new Float32Array(memory.buffer, 0, at / 4));
    const target = new Int8Array(memory.buffer, at, columns * blocks * BLOCK);
    packDocument(document, size, columns, target);
    dots(0, groups, at, columns, blocks, out);
    const found = new Float32Array(memory.buffer, out, 4 * groups * columns);
    for (let i = 0; i < rows; i++) {
      const from = 4 * (i >> 2) * columns + (i & 3);
      for (let j = 0; j < columns; j++) into[i * columns + j] = found[from + 4 * j]!;
    }
  };
}

interface Shape {
  readonly rows: number;
  readonly size: number;
  readonly blocks: number;
  readonly groups: number;
}

/** Tokens by four, dimensions by 16, zeros where there are none. */
function packQuery(query: Float32Array, { rows, size, blocks, groups }: Shape, to: Float32Array) {
  let at = 0;
  for (let group = 0; group < groups; group++) {
    for (let block = 0; block < blocks; block++) {
      for (let token = 4 * group; token < 4 * group + 4; token++) {
        for (let k = block * BLOCK; k < (block + 1) * BLOCK; k++) to[at++] = token < rows && k < size ? query[token * size + k]! : 0;
      }
    }
  }
}

function packDocument(document: Int8Array, size: number, columns: number, to: Int8Array) {
  const row = to.length / columns;
  if (row === size) return to.set(document);
  to.fill(0);
  for (let j = 0; j < columns; j++) to.set(document.subarray(j * size, (j + 1) * size), j * row);
}

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly dots: (query: number, groups: number, document: number, count: number, blocks: number, out: number) => void;
}

/** The part of WebAssembly that is used here; no library of types has it without a browser's. */
interface Runtime {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
}

function instance(): Kernel | undefined {
  try {
    const { WebAssembly } = globalThis as unknown as Runtime;
    return new WebAssembly.Instance(new WebAssembly.Module(dotKernel())).exports as Kernel;
  } catch {
    return undefined;
  }
}
