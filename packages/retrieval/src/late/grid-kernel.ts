import {
  add,
  addFloat,
  addProducts,
  F32,
  float,
  floatsOf,
  get,
  greaterFloats,
  I32,
  less,
  load,
  loadFloat,
  multiply,
  multiplyFloats,
  number,
  repeatWhile,
  set,
  splatFloat,
  step,
  sumsOf,
  totalOf,
  V128,
  wasmModule,
  zeros,
} from '../plaid/wasm-code.ts';

/**
 * A WebAssembly module that compares a query with the token vectors of one document as they are kept, int8 with a scale a token. It exports
 * `compare(document, tokens, chunks, query, end, scales, tokenScales)`: the sum over the query's rows of the greatest product. `document` holds `chunks` times 16 int8 a token,
 * `query` up to `end` what `placeShorts` makes, `scales` what it gives back.
 */
export function gridKernel(): Uint8Array<ArrayBuffer> {
  const [DOCUMENT, TOKENS, CHUNKS, QUERY, END, SCALES, TOKEN_SCALES] = [0, 1, 2, 3, 4, 5, 6];
  const [AT, LAST, BYTES, CHUNK_END, ASKED, SUM] = [7, 8, 9, 10, 11, 12];
  const [BEST, PACKED, SHORTS, SPARE] = [13, 14, 15, 16];
  const SUMS = [17, 18, 19, 20] as const;
  return wasmModule([
    {
      name: 'compare',
      parameters: 7,
      result: F32,
      locals: [
        [5, I32],
        [1, F32],
        [8, V128],
      ],
      body: [
        ...set(LAST, add(get(TOKEN_SCALES), multiply(get(TOKENS), number(4)))),
        // Four rows at a time.
        ...repeatWhile(less(get(QUERY), get(END)), [
          ...set(BEST, splatFloat(float(-Infinity))),
          ...set(BYTES, get(DOCUMENT)),
          ...set(AT, get(TOKEN_SCALES)),
          ...repeatWhile(less(get(AT), get(LAST)), [
            ...SUMS.flatMap((sum) => set(sum, zeros)),
            ...set(ASKED, get(QUERY)),
            ...set(CHUNK_END, add(get(BYTES), multiply(get(CHUNKS), number(16)))),
            ...repeatWhile(less(get(BYTES), get(CHUNK_END)), [
              ...set(PACKED, load(get(BYTES))),
              ...addProducts(SUMS, get(PACKED), SHORTS, get(ASKED), 0),
              ...step(ASKED, number(128)),
              ...step(BYTES, number(16)),
            ]),
            ...set(SPARE, multiplyFloats(floatsOf(sumsOf(SUMS, SPARE)), load(get(SCALES)))),
            ...set(BEST, greaterFloats(get(BEST), multiplyFloats(get(SPARE), splatFloat(loadFloat(get(AT)))))),
            ...step(AT, number(4)),
          ]),
          ...set(SUM, addFloat(get(SUM), totalOf(BEST))),
          ...step(SCALES, number(16)),
          ...step(QUERY, multiply(get(CHUNKS), number(128))),
        ]),
        ...get(SUM),
      ],
    },
  ]);
}
