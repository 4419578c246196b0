import {
  add,
  addFloats,
  type Code,
  get,
  I32,
  less,
  load,
  multiply,
  multiplyFloats,
  number,
  repeatWhile,
  set,
  storeFloat,
  totalOf,
  V128,
  wasmModule,
  zeros,
} from './wasm-code.ts';

// A WebAssembly module assembled here, instruction by instruction: 128-bit SIMD makes dot products several times as fast as plain JavaScript.
// Of the module's memory it reads `rows` rows at `a` and `columns` rows at `b`, all `bytes` long (a multiple of 16), and writes the table of
// products at `out`. `rows` must be a multiple of 4 and `columns` of 2: no remainders here, the caller pads.

/** The bytes of the module. It imports `env.memory` and exports `products(a, b, out, rows, columns, bytes)`. */
export function productKernel(): Uint8Array<ArrayBuffer> {
  const locals = [
    [5, I32],
    [11, V128],
  ] as const;
  return wasmModule([{ name: 'products', parameters: 6, locals, body: body() }]);
}

const [A, B, OUT, ROWS, COLUMNS, BYTES] = [0, 1, 2, 3, 4, 5] as const;
// Locals: the ends of both tables, the row of `b`, where to write, how far into the rows.
const [A_END, B_END, AT_B, AT_OUT, K] = [6, 7, 8, 9, 10] as const;
// Vectors: two of `b`, one of `a`, eight sums.
const [X, Y, P, SUM] = [11, 12, 13, 14] as const;

function body(): Code {
  const sums = Array.from({ length: 8 }, (_, i) => SUM + i);
  return [
    ...set(A_END, add(get(A), multiply(get(ROWS), get(BYTES)))),
    ...set(B_END, add(get(B), multiply(get(COLUMNS), get(BYTES)))),
    ...repeatWhile(less(get(A), get(A_END)), [
      ...set(AT_B, get(B)),
      ...set(AT_OUT, get(OUT)),
      ...repeatWhile(less(get(AT_B), get(B_END)), [
        ...sums.flatMap((sum) => set(sum, zeros)),
        ...set(K, number(0)),
        ...repeatWhile(less(get(K), get(BYTES)), [
          ...set(X, load(add(get(AT_B), get(K)))),
          ...set(Y, load(add(add(get(AT_B), get(BYTES)), get(K)))),
          ...[0, 1, 2, 3].flatMap((row) => [
            ...set(P, load(add(add(get(A), multiply(number(row), get(BYTES))), get(K)))),
            ...set(SUM + 2 * row, addFloats(get(SUM + 2 * row), multiplyFloats(get(P), get(X)))),
            ...set(SUM + 2 * row + 1, addFloats(get(SUM + 2 * row + 1), multiplyFloats(get(P), get(Y)))),
          ]),
          ...set(K, add(get(K), number(16))),
        ]),
        ...sums.flatMap((sum, i) =>
          storeFloat(add(get(AT_OUT), multiply(multiply(number(i >> 1), get(COLUMNS)), number(4))), totalOf(sum), (i & 1) * 4),
        ),
        ...set(AT_B, add(get(AT_B), multiply(number(2), get(BYTES)))),
        ...set(AT_OUT, add(get(AT_OUT), number(8))),
      ]),
      ...set(A, add(get(A), multiply(number(4), get(BYTES)))),
      ...set(OUT, add(get(OUT), multiply(number(16), get(COLUMNS)))),
    ]),
  ];
}
