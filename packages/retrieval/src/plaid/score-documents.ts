import { type Bits, type Codec, residualBytes } from './codec.ts';
import { createDecoder, createQuarterDecoder, type Decoder } from './decode.ts';
import { placeShorts } from './place-shorts.ts';
import { products } from './products.ts';
import { scoreKernel } from './score-kernel.ts';
import { compileKernel, type Kernel } from './wasm-kernel.ts';

/** Scores documents against one query from what an index keeps of them. Sums over the query's tokens, not means. */
export interface DocumentScorer {
  /** MaxSim with each token's centroid in its place. */
  rough(codes: Uint16Array): number;
  /** MaxSim of the kept vectors, without their quarters. */
  exact(codes: Uint16Array, residuals: Uint8Array): number;
  /** The same with their quarters; undefined where the codec has none. */
  readonly refined: ((codes: Uint16Array, residuals: Uint8Array) => number) | undefined;
  /** To be called at the end: the next query may use its memory. */
  release(): void;
}

/** `similar` holds the products of all centroids, row by row, with the query's rows. */
export type ScorerMaker = (codec: Codec, query: Float32Array, similar: Float32Array) => DocumentScorer;

/** In 128-bit instructions where there is WebAssembly, else in plain loops. */
export const scoreDocuments: ScorerMaker = (codec, query, similar) => {
  const kernel = idle[codec.bits].pop() ?? newKernel(codec.bits);
  return kernel ? fastScorer(kernel, codec, query, similar) : plainScorer(codec, query, similar);
};

/** The same without WebAssembly. */
export const plainScorer: ScorerMaker = (codec, query, similar) => {
  const { size } = codec;
  const rows = query.length / size;
  return {
    rough(codes) {
      if (codes.length === 0) return 0;
      const best = new Float32Array(rows).fill(-Infinity);
      for (const code of codes) for (let row = 0; row < rows; row++) best[row] = Math.max(best[row]!, similar[code * rows + row]!);
      return total(best);
    },
    exact: maxSim(createDecoder(codec), query, size),
    refined: codec.quarters && maxSim(createQuarterDecoder(codec, codec.quarters), query, size),
    release() {},
  };
};

/** The sum over the query's rows of each one's greatest product with a row of the document. */
function maxSim(decode: Decoder, query: Float32Array, size: number): DocumentScorer['exact'] {
  const rows = query.length / size;
  return (codes, residuals) => {
    if (codes.length === 0) return 0;
    const best = new Float32Array(rows).fill(-Infinity);
    const table = products(decode(codes, residuals), query, size);
    for (let at = 0; at < table.length; at += rows) {
      for (let row = 0; row < rows; row++) if (table[at + row]! > best[row]!) best[row] = table[at + row]!;
    }
    return total(best);
  };
}

const total = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0);

interface ScoreFunctions {
  rough(codes: number, tokens: number, levels: number, width: number): number;
  exact(...places: number[]): number;
}
type ScoreKernel = Kernel<ScoreFunctions>;

/** How to make a kernel for so many bits. */
const opened = new Map<Bits, (() => ScoreKernel) | undefined>();
/** Kernels with a memory of their own, for as many queries as there are at once. */
const idle: Record<Bits, ScoreKernel[]> = { 1: [], 2: [], 4: [] };
const MOST_IDLE = 4;
/** Bytes that one instruction takes. */
const CHUNK = 16;

function newKernel(bits: Bits): ScoreKernel | undefined {
  if (!opened.has(bits)) opened.set(bits, compileKernel<ScoreFunctions>(scoreKernel(bits)));
  return opened.get(bits)?.();
}

function fastScorer(kernel: ScoreKernel, codec: Codec, query: Float32Array, similar: Float32Array): DocumentScorer {
  const { size, bits, values } = codec;
  const { memory, room } = kernel;
  const rows = query.length / size;
  const width = Math.ceil(rows / 4) * 4;
  const levelWidth = Math.ceil(rows / CHUNK) * CHUNK;
  const centroids = similar.length / rows;
  const perByte = 8 / bits;
  const kept = residualBytes(codec);
  const chunks = Math.ceil(kept / CHUNK);
  // Constants first, what changes with each document at the end.
  const atSimilar = CHUNK;
  const atLevels = atSimilar + 4 * width * centroids;
  const atQuery = atLevels + levelWidth * centroids;
  const atScales = atQuery + 2 * width * chunks * CHUNK * perByte;
  const atCodes = atScales + 4 * width;

  room(atCodes);
  const most = values.reduce((found, value) => Math.max(found, Math.abs(value)), 0);
  const unit = most > 0 ? most / 127 : 1;
  new Int8Array(memory.buffer, 0, CHUNK).fill(0).set(values.map((value) => Math.round(value / unit)));
  const table = new Float32Array(memory.buffer, atSimilar, width * centroids).fill(0);
  for (let from = 0, to = 0; from < similar.length; from += rows, to += width) table.set(similar.subarray(from, from + rows), to);
  const { least, step } = placeLevels();
  const shape = { rows, size, width, chunks, perByte };
  const scales = new Float32Array(memory.buffer, atScales, width);
  scales.set(
    placeShorts(query, shape, new Int16Array(memory.buffer, atQuery, width * chunks * CHUNK * perByte)).map((scale) => unit * scale),
  );

  /** The similarities in 256 steps: a quarter of the memory, and that is what a rough score takes its time for. */
  function placeLevels() {
    let [least, greatest] = [Infinity, -Infinity];
    for (const value of similar) {
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    const step = greatest > least ? (greatest - least) / 255 : 1;
    const levels = new Uint8Array(memory.buffer, atLevels, levelWidth * centroids).fill(0);
    for (let centroid = 0, at = 0; centroid < centroids; centroid++) {
      for (let row = 0; row < rows; row++) levels[centroid * levelWidth + row] = Math.round((similar[at++]! - least) / step);
    }
    return { least, step };
  }

  function placeCodes(codes: Uint16Array, more = 0) {
    room(atCodes + 2 * codes.length + CHUNK + more);
    new Uint16Array(memory.buffer, atCodes, codes.length).set(codes);
  }

  return {
    rough(codes) {
      if (codes.length === 0) return 0;
      placeCodes(codes);
      return step * kernel.rough(atCodes, codes.length, atLevels, levelWidth) + rows * least;
    },
    exact(codes, residuals) {
      if (codes.length === 0) return 0;
      placeCodes(codes, codes.length * chunks * CHUNK);
      const at = atCodes + Math.ceil((2 * codes.length) / CHUNK) * CHUNK;
      const bytes = new Uint8Array(memory.buffer, at, codes.length * chunks * CHUNK);
      if (kept === chunks * CHUNK) bytes.set(residuals.subarray(0, bytes.length));
      else for (let i = 0; i < codes.length; i++) bytes.set(residuals.subarray(i * kept, (i + 1) * kept), i * chunks * CHUNK);
      return kernel.exact(atCodes, codes.length, atSimilar, width, at, chunks, atQuery, atScales, 0);
    },
    refined: codec.quarters && maxSim(createQuarterDecoder(codec, codec.quarters), query, size),
    release() {
      if (idle[bits].length < MOST_IDLE) idle[bits].push(kernel);
    },
  };
}
