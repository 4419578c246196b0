// A WebAssembly module assembled here, instruction by instruction: 128-bit SIMD makes dot products several times as fast as plain JavaScript.
// Of the module's memory it reads `rows` rows at `a` and `columns` rows at `b`, all `bytes` long (a multiple of 16), and writes the table of
// products at `out`. `rows` must be a multiple of 4 and `columns` of 2: no remainders here, the caller pads.

/** The bytes of the module. It imports `env.memory` and exports `products(a, b, out, rows, columns, bytes)`. */
export function productKernel(): Uint8Array<ArrayBuffer> {
  const signature = [0x60, 6, ...Array<number>(6).fill(I32), 0];
  const code = body();
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, ...signature]),
    ...section(2, [1, ...name('env'), ...name('memory'), 0x02, 0x00, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('products'), 0x00, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

const I32 = 0x7f;
const V128 = 0x7b;
const [A, B, OUT, ROWS, COLUMNS, BYTES] = [0, 1, 2, 3, 4, 5] as const;
// Locals: the ends of both tables, the row of `b`, where to write, how far into the rows.
const [A_END, B_END, AT_B, AT_OUT, K] = [6, 7, 8, 9, 10] as const;
// Vectors: two of `b`, one of `a`, eight sums.
const [X, Y, P, SUM] = [11, 12, 13, 14] as const;

function body(): number[] {
  const sums = Array.from({ length: 8 }, (_, i) => SUM + i);
  return [
    ...[2, 5, I32, 11, V128],
    ...set(A_END, add(get(A), multiply(get(ROWS), get(BYTES)))),
    ...set(B_END, add(get(B), multiply(get(COLUMNS), get(BYTES)))),
    ...repeatWhile(less(get(A), get(A_END)), [
      ...set(AT_B, get(B)),
      ...set(AT_OUT, get(OUT)),
      ...repeatWhile(less(get(AT_B), get(B_END)), [
        ...sums.flatMap((sum) => set(sum, ZERO)),
        ...set(K, number(0)),
        ...repeatWhile(less(get(K), get(BYTES)), [
          ...set(X, load(add(get(AT_B), get(K)))),
          ...set(Y, load(add(add(get(AT_B), get(BYTES)), get(K)))),
          ...[0, 1, 2, 3].flatMap((row) => [
            ...set(P, load(add(add(get(A), multiply(number(row), get(BYTES))), get(K)))),
            ...set(SUM + 2 * row, addVectors(get(SUM + 2 * row), multiplyVectors(get(P), get(X)))),
            ...set(SUM + 2 * row + 1, addVectors(get(SUM + 2 * row + 1), multiplyVectors(get(P), get(Y)))),
          ]),
          ...set(K, add(get(K), number(16))),
        ]),
        ...sums.flatMap((sum, i) =>
          store(add(get(AT_OUT), multiply(multiply(number(i >> 1), get(COLUMNS)), number(4))), total(sum), (i & 1) * 4),
        ),
        ...set(AT_B, add(get(AT_B), multiply(number(2), get(BYTES)))),
        ...set(AT_OUT, add(get(AT_OUT), number(8))),
      ]),
      ...set(A, add(get(A), multiply(number(4), get(BYTES)))),
      ...set(OUT, add(get(OUT), multiply(number(16), get(COLUMNS)))),
    ]),
    0x0b,
  ];
}

const get = (local: number) => [0x20, local];
const set = (local: number, value: number[]) => [...value, 0x21, local];
const number = (value: number) => [0x41, value]; // one byte: from 0 to 63
const add = (a: number[], b: number[]) => [...a, ...b, 0x6a];
const multiply = (a: number[], b: number[]) => [...a, ...b, 0x6c];
const less = (a: number[], b: number[]) => [...a, ...b, 0x49];
/** At least once. */
const repeatWhile = (condition: number[], steps: number[]) => [0x03, 0x40, ...steps, ...condition, 0x0d, 0, 0x0b];
const load = (address: number[]) => [...address, 0xfd, 0x00, 4, 0];
const store = (address: number[], value: number[], offset: number) => [...address, ...value, 0x38, 2, offset];
const ZERO = [0xfd, 0x0c, ...Array<number>(16).fill(0)];
const addVectors = (a: number[], b: number[]) => [...a, ...b, 0xfd, 0xe4, 0x01];
const multiplyVectors = (a: number[], b: number[]) => [...a, ...b, 0xfd, 0xe6, 0x01];
const lane = (local: number, which: number) => [...get(local), 0xfd, 0x1f, which];
const total = (sum: number) => [...lane(sum, 0), ...lane(sum, 1), 0x92, ...lane(sum, 2), ...lane(sum, 3), 0x92, 0x92];

const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
const section = (id: number, content: number[]) => [id, ...unsigned(content.length), ...content];

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}
