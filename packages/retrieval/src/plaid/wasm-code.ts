// Pieces of WebAssembly, as bytes: what the kernels here are put together from.

export type Code = readonly number[];

export const I32 = 0x7f;
export const F32 = 0x7d;
export const V128 = 0x7b;

/** One function of a module over a memory of somebody else. */
export interface WasmFunction {
  readonly name: string;
  /** Parameters are 32-bit integers. */
  readonly parameters: number;
  readonly result?: typeof F32 | typeof I32;
  /** Further locals, in this order. */
  readonly locals: readonly (readonly [count: number, type: number])[];
  readonly body: Code;
}

/** The bytes of a module that imports `env.memory` and exports these functions. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...list(Array.from({ length: parameters }, () => [I32])),
    ...list(result === undefined ? [] : [[result]]),
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...list(locals.map(([count, type]) => [...unsigned(count), type])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(2, list([[...text('env'), ...text('memory'), 0x02, 0x00, 1]])),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(7, list(functions.map(({ name }, i) => [...text(name), 0x00, ...unsigned(i)]))),
    ...section(10, list(bodies)),
  ]);
}

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const number = (value: number): Code => [0x41, ...signed(value)];
export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const multiply = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
export const less = (a: Code, b: Code): Code => [...a, ...b, 0x49];
export const step = (local: number, by: Code): Code => set(local, add(get(local), by));
/** At least once. */
export const repeatWhile = (condition: Code, steps: Code): Code => [0x03, 0x40, ...steps, ...condition, 0x0d, 0, 0x0b];
export const load16 = (address: Code, offset = 0): Code => [...address, 0x2f, 1, ...unsigned(offset)];

export const load = (address: Code, offset = 0): Code => [...address, ...simd(0x00), 0, ...unsigned(offset)];
export const zeros: Code = [...simd(0x0c), ...new Array<number>(16).fill(0)];
export const float = (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
export const splatFloat = (value: Code): Code => [...value, ...simd(0x13)];
export const addFloats = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe4)];
export const multiplyFloats = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe6)];
export const greaterFloats = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xe9)];
export const addInts = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xae)];
/** Of eight 16-bit numbers each, products of neighbours summed two by two. */
export const dotShorts = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xba)];
export const floatsOf = (ints: Code): Code => [...ints, ...simd(0xfa)];
/** The bytes of `table` at the places that the bytes of `places` name. */
export const lookUp = (table: Code, places: Code): Code => [...table, ...places, ...simd(0x0e)];
export const shiftBytesRight = (bytes: Code, by: number): Code => (by === 0 ? bytes : [...bytes, ...number(by), ...simd(0x6d)]);
export const bothBits = (a: Code, b: Code): Code => [...a, ...b, ...simd(0x4e)];
export const splatByte = (value: number): Code => [...number(value), ...simd(0x0f)];
export const lowShorts = (bytes: Code): Code => [...bytes, ...simd(0x87)];
export const highShorts = (bytes: Code): Code => [...bytes, ...simd(0x88)];
/** The four 32-bit numbers of each of four vectors summed: one vector of four sums. */
export const sumsOf = (vectors: readonly [number, number, number, number], spare: number): Code => {
  const [a, b, c, d] = vectors;
  const shuffle = (x: Code, y: Code, lanes: readonly number[]): Code => [
    ...x,
    ...y,
    ...simd(0x0d),
    ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
  ];
  const pairs = (x: number, y: number) => addInts(shuffle(get(x), get(y), [0, 4, 1, 5]), shuffle(get(x), get(y), [2, 6, 3, 7]));
  // pairs(x, y) = [x0+x2, y0+y2, x1+x3, y1+y3]
  return [
    ...set(spare, pairs(a, b)),
    ...set(a, pairs(c, d)),
    ...addInts(shuffle(get(spare), get(a), [0, 1, 4, 5]), shuffle(get(spare), get(a), [2, 3, 6, 7])),
  ];
};
/** Adds to each of four sums the products of 16 int8, widened in `shorts`, with the 16 int16 of its row that stand from `offset` bytes behind `asked`. */
export const addProducts = (sums: readonly number[], bytes: Code, shorts: number, asked: Code, offset: number): Code =>
  [lowShorts, highShorts].flatMap((widened, half) => [
    ...set(shorts, widened(bytes)),
    ...sums.flatMap((sum, row) => set(sum, addInts(get(sum), dotShorts(get(shorts), load(asked, offset + row * 32 + 16 * half))))),
  ]);
export const greaterBytes = (a: Code, b: Code): Code => [...a, ...b, ...simd(0x79)];
/** The 16 unsigned bytes of a vector, summed. */
export const bytesTotal = (local: number): Code => {
  const pairs = set(local, [...get(local), ...simd(0x7d), ...simd(0x7f)]);
  const lane = (which: number): Code => [...get(local), ...simd(0x1b), which];
  return [...pairs, ...add(add(lane(0), lane(1)), add(lane(2), lane(3)))];
};
/** The four floats of a vector, summed. */
export const totalOf = (local: number): Code => {
  const lane = (which: number): Code => [...get(local), ...simd(0x1f), which];
  return [...lane(0), ...lane(1), 0x92, ...lane(2), ...lane(3), 0x92, 0x92];
};
export const loadFloat = (address: Code): Code => [...address, 0x2a, 2, 0];
export const addFloat = (a: Code, b: Code): Code => [...a, ...b, 0x92];
export const storeFloat = (address: Code, value: Code, offset = 0): Code => [...address, ...value, 0x38, 2, ...unsigned(offset)];

const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const text = (name: string): Code => [name.length, ...new TextEncoder().encode(name)];

/** LEB128, as everywhere in the format. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  const rest = value >> 7;
  const last = (rest === 0 && !(value & 0x40)) || (rest === -1 && Boolean(value & 0x40));
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)];
}

function simd(code: number): Code {
  return [0xfd, ...unsigned(code)];
}
