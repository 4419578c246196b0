import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { planBatches } from '@resift/core';
import * as ort from 'onnxruntime-node';
import { openEncoder } from '../src/encoder.ts';
import { createOnnxPool } from '../src/onnx-pool.ts';
import { createWordPiece } from '../src/wordpiece.ts';

// Texts per second of an encoder through the pool, from text to vectors, beside those of bare onnxruntime-node on the same
// model, threads and lengths (token ids ready, one session with as many intra-op threads, nothing done with the result).
// The two take turns, so that a busy machine slows both; the ratio of the medians is what counts (target: 0.9 or more).
//   node --conditions=@resift/source --import tsx packages/models/bench/encoder-throughput.ts --model FILE [--vocab FILE]
const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    vocab: { type: 'string', default: new URL('../../models-en/models/vocab.txt', import.meta.url).pathname },
    workers: { type: 'string', default: '2' },
    texts: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '7' },
    batch: { type: 'string' },
    arena: { type: 'boolean', default: false },
  },
});
if (!values.model) throw new Error('Expected --model FILE, an encoder of packages/models-en/models.');
const model = values.model;
const workers = Number(values.workers);
const batch = values.batch ? Number(values.batch) : undefined;
const MAX_TOKENS = 256;
const GROUP_TOKENS = 2_048;

const vocabulary = readFileSync(values.vocab, 'utf8').split('\n').slice(0, -1);
const tokenizer = createWordPiece(vocabulary);
const texts = randomTexts(Number(values.texts));
const encoded = texts.map((text) => tokenizer.encode(text, { maxTokens: MAX_TOKENS - 2 }).ids);

const session = await ort.InferenceSession.create(model, { intraOpNumThreads: workers });
const shape = await session.run(feedsOf([encoded[0]!]));
const spec = {
  maxTokens: MAX_TOKENS,
  dimensions: Number(shape['sentence_vector']!.dims[1]),
  tokenDimensions: Number(shape['token_vectors']!.dims[2]),
  batch,
  groupTokens: GROUP_TOKENS,
};
await using pool = createOnnxPool({ workers, memoryArena: values.arena });
const encoder = await openEncoder({ pool, file: model, tokenizer, spec, id: 'bench' });
await encoder.warm();
await encoder.encode(texts, 'document');

const bare: Times[] = [];
const pooled: Times[] = [];
for (let round = 0; round < Number(values.rounds); round += 1) {
  bare.push(await timed(runBare));
  pooled.push(await timed(() => encoder.encode(texts, 'document')));
}
const tokens = encoded.reduce((sum, ids) => sum + ids.length + 2, 0);
console.log(
  `${model}: ${texts.length} texts of ${(tokens / texts.length).toFixed(0)} tokens on average, ${workers} threads, ${values.rounds} rounds`,
);
const [bareRate, pooledRate] = [bare, pooled].map((times) => texts.length / median(times.map(({ wall }) => wall)));
const [bareCpu, pooledCpu] = [bare, pooled].map((times) => median(times.map(({ cpu }) => cpu)) / texts.length);
console.log(`bare onnxruntime-node   ${bareRate!.toFixed(1)} texts/s   ${(1000 * bareCpu!).toFixed(2)} ms of processor a text`);
console.log(`through the pool        ${pooledRate!.toFixed(1)} texts/s   ${(1000 * pooledCpu!).toFixed(2)} ms of processor a text`);
console.log(
  `ratio of medians        ${(pooledRate! / bareRate!).toFixed(3)}   of processor time ${(bareCpu! / pooledCpu!).toFixed(3)} (where others use the machine too)`,
);
await session.release();

async function runBare() {
  const lengths = encoded.map((ids) => ids.length + 2);
  for (const positions of planBatches(lengths, { maxBatchTokens: GROUP_TOKENS, maxBatchTexts: batch })) {
    await session.run(feedsOf(positions.map((position) => encoded[position]!)));
  }
}

function feedsOf(rows: readonly Int32Array[]) {
  const width = Math.max(...rows.map((ids) => ids.length)) + 2;
  const ids = new BigInt64Array(rows.length * width).fill(BigInt(tokenizer.ids.pad));
  const mask = new BigInt64Array(rows.length * width);
  for (const [row, tokens] of rows.entries()) {
    ids.set([tokenizer.ids.cls, ...tokens, tokenizer.ids.sep].map(BigInt), row * width);
    mask.fill(1n, row * width, row * width + tokens.length + 2);
  }
  const dims = [rows.length, width];
  return { input_ids: new ort.Tensor('int64', ids, dims), attention_mask: new ort.Tensor('int64', mask, dims) };
}

/** Texts of whole words of the vocabulary, 20 to 120 each, the same in every run. */
function randomTexts(count: number): string[] {
  const words = vocabulary.filter((word) => /^[a-z]+$/.test(word));
  let state = 1;
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  return Array.from({ length: count }, () => Array.from({ length: 20 + random(101) }, () => words[random(words.length)]).join(' '));
}

interface Times {
  /** Seconds. */
  readonly wall: number;
  /** Seconds of all threads. */
  readonly cpu: number;
}

async function timed(work: () => Promise<unknown>): Promise<Times> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6 };
}

function median(numbers: readonly number[]) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
}
