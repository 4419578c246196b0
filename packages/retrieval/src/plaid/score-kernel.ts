import type { Bits } from './codec.ts';
import {
  add,
  addFloat,
  addFloats,
  addProducts,
  bothBits,
  bytesTotal,
  type Code,
  F32,
  float,
  floatsOf,
  get,
  greaterBytes,
  greaterFloats,
  I32,
  less,
  load,
  load16,
  lookUp,
  multiply,
  multiplyFloats,
  number,
  repeatWhile,
  set,
  shiftBytesRight,
  splatByte,
  splatFloat,
  step,
  sumsOf,
  totalOf,
  V128,
  type WasmFunction,
  wasmModule,
  zeros,
} from './wasm-code.ts';

const LEAST: Code = splatFloat(float(-Infinity));

/**
 * A WebAssembly module that scores one document against a query from what an index keeps of it. All addresses and counts; tokens 1 or more, `codes` 16 bits a token.
 * - `rough(codes, tokens, levels, width)`: the sum over the rows of the query of the greatest level of a token's centroid; `levels` `width` unsigned bytes for each centroid, a multiple of 16.
 * - `exact(codes, tokens, similar, rows, residuals, chunks, query, scales, values)`: the sum over the rows of the greatest product with a token, its centroid's in `similar` (`rows` float32 for
 *   each centroid, a multiple of 4) and its residual's: `residuals` `chunks` times 16 bytes a token, `values` 16 int8 that the codes of a residual stand for, `query` for each four rows, chunk
 *   and place in a byte 16 int16 of each row, `scales` a float32 a row that makes floats of sums.
 */
export function scoreKernel(bits: Bits): Uint8Array<ArrayBuffer> {
  return wasmModule([rough(), exact(bits)]);
}

function rough(): WasmFunction {
  const [CODES, TOKENS, SIMILAR, WIDTH, END, AT, LAST, SUM, BEST] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  return {
    name: 'rough',
    parameters: 4,
    result: I32,
    locals: [
      [4, I32],
      [1, V128],
    ],
    body: [
      ...set(END, add(get(CODES), multiply(get(TOKENS), number(2)))),
      ...set(LAST, add(get(SIMILAR), get(WIDTH))),
      // Sixteen rows at a time.
      ...repeatWhile(less(get(SIMILAR), get(LAST)), [
        ...set(BEST, zeros),
        ...set(AT, get(CODES)),
        ...repeatWhile(less(get(AT), get(END)), [
          ...set(BEST, greaterBytes(get(BEST), load(add(get(SIMILAR), multiply(load16(get(AT)), get(WIDTH)))))),
          ...step(AT, number(2)),
        ]),
        ...set(SUM, add(get(SUM), bytesTotal(BEST))),
        ...step(SIMILAR, number(16)),
      ]),
      ...get(SUM),
    ],
  };
}

function exact(bits: Bits): WasmFunction {
  const [CODES, TOKENS, SIMILAR, ROWS, RESIDUALS, CHUNKS, QUERY, SCALES, VALUES] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const [END, WIDTH, LAST, AT, BYTES, ASKED, CHUNK_END, SUM] = [9, 10, 11, 12, 13, 14, 15, 16];
  const [TABLE, BEST, PACKED, SHORTS, SPARE] = [17, 18, 19, 20, 21];
  const SUMS = [22, 23, 24, 25] as const;
  const places = 8 / bits;
  const perChunk = places * 4 * 32;
  const low = splatByte((1 << bits) - 1);
  return {
    name: 'exact',
    parameters: 9,
    result: F32,
    locals: [
      [7, I32],
      [1, F32],
      [9, V128],
    ],
    body: [
      ...set(TABLE, load(get(VALUES))),
      ...set(END, add(get(CODES), multiply(get(TOKENS), number(2)))),
      ...set(WIDTH, multiply(get(ROWS), number(4))),
      ...set(LAST, add(get(SIMILAR), get(WIDTH))),
      // Four rows at a time.
      ...repeatWhile(less(get(SIMILAR), get(LAST)), [
        ...set(BEST, LEAST),
        ...set(AT, get(CODES)),
        ...set(BYTES, get(RESIDUALS)),
        ...repeatWhile(less(get(AT), get(END)), [
          ...SUMS.flatMap((sum) => set(sum, zeros)),
          ...set(ASKED, get(QUERY)),
          ...set(CHUNK_END, add(get(BYTES), multiply(get(CHUNKS), number(16)))),
          ...repeatWhile(less(get(BYTES), get(CHUNK_END)), [
            ...set(PACKED, load(get(BYTES))),
            ...Array.from({ length: places }, (_, place) => [
              ...set(SPARE, lookUp(get(TABLE), bothBits(shiftBytesRight(get(PACKED), place * bits), low))),
              ...addProducts(SUMS, get(SPARE), SHORTS, get(ASKED), 4 * place * 32),
            ]).flat(),
            ...step(ASKED, number(perChunk)),
            ...step(BYTES, number(16)),
          ]),
          ...set(SPARE, multiplyFloats(floatsOf(sumsOf(SUMS, SPARE)), load(get(SCALES)))),
          ...set(SPARE, addFloats(get(SPARE), load(add(get(SIMILAR), multiply(load16(get(AT)), get(WIDTH)))))),
          ...set(BEST, greaterFloats(get(BEST), get(SPARE))),
          ...step(AT, number(2)),
        ]),
        ...set(SUM, addFloat(get(SUM), totalOf(BEST))),
        ...step(SIMILAR, number(16)),
        ...step(SCALES, number(16)),
        ...step(QUERY, multiply(get(CHUNKS), number(perChunk))),
      ]),
      ...get(SUM),
    ],
  };
}
