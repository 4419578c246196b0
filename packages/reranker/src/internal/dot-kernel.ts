/**
 * A WebAssembly module, put together from the instructions below, that multiplies the tokens of a query with those of a document: int8 rows against float32
 * rows, 128 bits at a time (about six times as fast as the plain loops of `dot-tiles.ts`). It exports `memory` and
 * `dots(query, groups, document, count, blocks, out)`, all addresses and counts:
 * - `query`: groups of four tokens; in a group, for each block of 16 dimensions, 16 float32 of each of the four tokens.
 * - `document`: `count` tokens of `blocks` times 16 int8.
 * - `out`: for each group, for each document token, the four float32 dot products. Each is summed in one fixed order, wherever the token stands.
 * None of the counts may be 0.
 */
export function dotKernel(): Uint8Array<ArrayBuffer> {
  const type = section(1, vector([[0x60, ...vector(Array.from({ length: 6 }, () => [I32])), ...vector([])]]));
  const functions = section(3, vector([[0]]));
  const memory = section(5, vector([[0x00, 1]]));
  const exports = section(7, vector([exported('memory', 2), exported('dots', 0)]));
  const locals = vector([
    [LOCALS.i32, I32],
    [LOCALS.v128, V128],
  ]);
  const body = [...locals, ...program(), END];
  const code = section(10, vector([[...unsigned(body.length), ...body]]));
  return Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...type, ...functions, ...memory, ...exports, ...code]);
}

const I32 = 0x7f;
const V128 = 0x7b;
const END = 0x0b;
const LOCALS = { i32: 4, v128: 7 };
// Parameters first, then the locals, in the order of their types.
const [QUERY, GROUPS, DOCUMENT, COUNT, BLOCKS, OUT, Q, D, TOKENS, LEFT] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const [SUMS, BYTES, WORDS, FLOATS] = [[10, 11, 12, 13], 14, 15, 16];

type Code = readonly number[];

function program(): Code {
  return loop(GROUPS, [
    ...move(D, DOCUMENT),
    ...move(TOKENS, COUNT),
    ...loop(TOKENS, [
      ...move(Q, QUERY),
      ...move(LEFT, BLOCKS),
      ...SUMS.flatMap((sum) => [...zero, ...set(sum)]),
      ...loop(LEFT, [
        ...get(D),
        ...load(0),
        ...set(BYTES),
        ...[0, 1, 2, 3].flatMap((part) => [...widened(part), ...SUMS.flatMap((sum, token) => addProduct(sum, 64 * token + 16 * part))]),
        ...step(D, 16),
        ...step(Q, 256),
      ]),
      ...SUMS.flatMap((sum, token) => [...get(OUT), ...total(sum), ...storeFloat(4 * token)]),
      ...step(OUT, 16),
    ]),
    // After the last token Q stands at the next group.
    ...move(QUERY, Q),
  ]);
}

/** Four of the 16 bytes as float32. */
function widened(part: number): Code {
  const words = part % 2 === 0 ? [...get(BYTES), ...simd(part < 2 ? I16_FROM_LOW : I16_FROM_HIGH), ...set(WORDS)] : [];
  return [...words, ...get(WORDS), ...simd(part % 2 === 0 ? I32_FROM_LOW : I32_FROM_HIGH), ...simd(F32_FROM_I32), ...set(FLOATS)];
}

function addProduct(sum: number, offset: number): Code {
  return [...get(sum), ...get(FLOATS), ...get(Q), ...load(offset), ...simd(F32X4_MUL), ...simd(F32X4_ADD), ...set(sum)];
}

/** The four lanes of a sum: (0 + 1) + (2 + 3). */
function total(sum: number): Code {
  const lane = (place: number) => [...get(sum), ...simd(F32X4_LANE), place];
  return [...lane(0), ...lane(1), F32_ADD, ...lane(2), ...lane(3), F32_ADD, F32_ADD];
}

/** Repeats while the counter, less one each time, is not 0. */
function loop(counter: number, body: Code): Code {
  return [0x03, 0x40, ...body, ...get(counter), 0x41, 1, 0x6b, 0x22, counter, 0x0d, 0, END];
}

const F32_ADD = 0x92;
const F32X4_LANE = 0x1f;
const I16_FROM_LOW = 0x87;
const I16_FROM_HIGH = 0x88;
const I32_FROM_LOW = 0xa7;
const I32_FROM_HIGH = 0xa8;
const F32X4_ADD = 0xe4;
const F32X4_MUL = 0xe6;
const F32_FROM_I32 = 0xfa;

const simd = (code: number): Code => [0xfd, ...unsigned(code)];
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const move = (to: number, from: number): Code => [...get(from), ...set(to)];
const step = (local: number, by: number): Code => [...get(local), 0x41, ...signed(by), 0x6a, ...set(local)];
const zero: Code = [...simd(0x0c), ...new Array<number>(16).fill(0)];
/** Any address will do: nothing is promised of its alignment. */
const load = (offset: number): Code => [...simd(0x00), 0, ...unsigned(offset)];
const storeFloat = (offset: number): Code => [0x38, 2, ...unsigned(offset)];

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const exported = (name: string, kind: number): Code => [...vector([...new TextEncoder().encode(name)].map((byte) => [byte])), kind, 0];

/** LEB128, as everywhere in the format. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  const rest = value >> 7;
  const last = (rest === 0 && !(value & 0x40)) || (rest === -1 && Boolean(value & 0x40));
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)];
}
