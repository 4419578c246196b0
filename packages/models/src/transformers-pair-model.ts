import { type Closable, type PairModel, ResiftError } from '@resift/core';
import { frameTokens, pairFeeds, pairWindow } from './internal/pair-windows.ts';
import type { PairFrame } from './pair-tokenizer.ts';

export interface TransformersOptions {
  /** `owner/name`, or the name of a folder in `localModelPath`. */
  readonly model: string;
  /**
   * What is imported: a package name or a file URL. `@xenova/transformers` works where it is an alias of version 4 (`npm:@huggingface/transformers@4`); its own
   * version 2 no longer installs. Default `@huggingface/transformers`.
   */
  readonly package?: string | undefined;
  /** Folder of models in folders of their own. With it nothing is downloaded. */
  readonly localModelPath?: string | undefined;
  /** A commit of the hub. */
  readonly revision?: string | undefined;
  /** Which ONNX file: `fp32` (default) is `onnx/model.onnx`, `q8` is `onnx/model_quantized.onnx`, … */
  readonly dtype?: string | undefined;
  /** Tokens of query and text together. Default 512. */
  readonly maxTokens?: number | undefined;
  /** Most texts of one run; 1 where a score depends on what it is run with, so for every `dtype` but fp32. Default 16 and 1. */
  readonly batch?: number | undefined;
}

/**
 * A cross-encoder run by transformers.js 4 (`npm install @huggingface/transformers`, 474 MB), for who has it already. It runs in the caller's
 * thread, so the event loop stands still meanwhile; `openPairModelFolder` runs the same files in worker threads. Throws `unavailable` where
 * the package is missing.
 */
export async function openTransformersPairModel(options: TransformersOptions): Promise<PairModel & Closable> {
  const { model: name, maxTokens = 512, localModelPath, revision, dtype = 'fp32' } = options;
  const { batch = dtype === 'fp32' ? 16 : 1 } = options;
  const { AutoTokenizer, AutoModelForSequenceClassification, Tensor, env } = await load(options.package ?? '@huggingface/transformers');
  if (localModelPath !== undefined) Object.assign(env, { localModelPath, allowRemoteModels: false });
  const from = { ...(revision !== undefined && { revision }), ...(localModelPath !== undefined && { local_files_only: true }) };
  const [tokenizer, model] = await Promise.all([
    AutoTokenizer.from_pretrained(name, from),
    AutoModelForSequenceClassification.from_pretrained(name, { ...from, dtype }),
  ]).catch((cause: unknown) => {
    throw new ResiftError('not_found', `transformers.js cannot open ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  });
  const frame = frameOf(tokenizer, name);
  const typed = 'token_type_ids' in tokenizer('a');
  const close = async () => void (await model.dispose());

  return {
    id: name,
    async score(query, texts, { signal, tokenBudget = Infinity } = {}) {
      signal?.throwIfAborted();
      const asked = Int32Array.from(idsOf(tokenizer, query));
      const room = maxTokens - frameTokens(frame) - asked.length;
      if (room < 1) {
        const most = maxTokens - frameTokens(frame) - 1;
        throw new ResiftError('input_too_long', `Expected a query of at most ${most} tokens for ${name}: shorten it.`, {
          details: { maxTokens: most },
        });
      }
      const whole = texts.map((text) => Int32Array.from(idsOf(tokenizer, text)));
      const windows = whole.map((ids) => pairWindow(frame, asked, ids.subarray(0, room), 0));
      const logits: (number | undefined)[] = texts.map(() => undefined);
      const usage = { calls: 0, inputTokens: 0, truncated: 0 };
      const lengths = windows.map(({ ids }) => ids.length);
      for (const positions of batches(lengths, batch, tokenBudget)) {
        // Between two runs, so that others get the thread and an abort is seen.
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
        const { token_type_ids, ...feeds } = pairFeeds(
          positions.map((i) => windows[i]!),
          frame,
        );
        const inputs = Object.entries(typed ? { ...feeds, token_type_ids: token_type_ids! } : feeds).map(
          ([input, { data, dims }]) => [input, new Tensor('int64', BigInt64Array.from(data, BigInt), dims)] as const,
        );
        const { data, dims } = (await model(Object.fromEntries(inputs))).logits;
        const size = dims[1] ?? 1;
        if (dims[0] !== positions.length || (size !== 1 && size !== 2)) {
          throw new ResiftError(
            'bad_output',
            `Expected one or two logits per text of ${name}, got the shape [${dims}]. Is it a cross-encoder?`,
          );
        }
        for (const [row, i] of positions.entries()) logits[i] = size === 2 ? data[2 * row + 1]! - data[2 * row]! : data[row]!;
        usage.calls += 1;
        usage.inputTokens += positions.reduce((sum, i) => sum + lengths[i]!, 0);
        usage.truncated += positions.filter((i) => whole[i]!.length > room).length;
      }
      return { logits, usage };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** As much of transformers.js as is used here. */
interface Tokenizer {
  (text: string): object;
  encode(text: string, options?: { text_pair?: string; add_special_tokens?: boolean; return_token_type_ids?: boolean }): number[];
  readonly pad_token_id?: number | undefined;
  _call(text: string, options: { text_pair: string; return_tensor: boolean }): { input_ids: number[]; token_type_ids?: number[] };
}
interface Model {
  (inputs: unknown): Promise<{ logits: { data: ArrayLike<number>; dims: number[] } }>;
  dispose(): Promise<unknown>;
}
interface Transformers {
  readonly env: object;
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => object;
  readonly AutoTokenizer: { from_pretrained(name: string, options: object): Promise<Tokenizer> };
  readonly AutoModelForSequenceClassification: { from_pretrained(name: string, options: object): Promise<Model> };
}

async function load(name: string): Promise<Transformers> {
  try {
    return (await import(name)) as Transformers;
  } catch (cause) {
    throw new ResiftError(
      'unavailable',
      `Cannot load ${name}: install it with \`npm install @huggingface/transformers@4 --onnxruntime-node-install=skip\`. (${cause instanceof Error ? cause.message : String(cause)})`,
      { cause, details: { reason: 'unavailable' } },
    );
  }
}

const idsOf = (tokenizer: Tokenizer, text: string) => tokenizer.encode(text, { add_special_tokens: false });

/** It puts special tokens around a pair, but does not say which: a pair of two short texts shows them. */
function frameOf(tokenizer: Tokenizer, name: string): PairFrame {
  const [first, second] = [idsOf(tokenizer, 'a'), idsOf(tokenizer, 'b')];
  const { input_ids: ids, token_type_ids: types } = tokenizer._call('a', { text_pair: 'b', return_tensor: false });
  const at = (part: readonly number[], from: number) => ids.findIndex((_, i) => i >= from && part.every((id, k) => ids[i + k] === id));
  const a = at(first, 0);
  const b = at(second, a + first.length);
  if (first.length === 0 || second.length === 0 || a < 0 || b < 0) {
    throw new ResiftError(
      'invalid_config',
      `The tokenizer of ${name} does not write a pair of texts one after the other. Is it a cross-encoder?`,
    );
  }
  return {
    before: ids.slice(0, a),
    between: ids.slice(a + first.length, b),
    after: ids.slice(b + second.length),
    secondType: types?.at(-1) ?? 0,
    pad: tokenizer.pad_token_id ?? 0,
  };
}

/** In the order given, so that what the budget does not reach are the last. */
function batches(tokens: readonly number[], most: number, budget: number): number[][] {
  const found: number[][] = [];
  let left = budget;
  for (const [i, size] of tokens.entries()) {
    if (size > left) break;
    left -= size;
    const last = found.at(-1);
    if (last && last.length < most) last.push(i);
    else found.push([i]);
  }
  return found;
}
