import { type PairModel, ResiftError } from '@resift/core';
import { frameTokens, type PairWindow, pairFeeds, pairWindows } from './internal/pair-windows.ts';
import { knownFeeds, requireOutputs, runWindows } from './internal/run-windows.ts';
import type { OnnxModel, OnnxPool, OnnxSource } from './onnx-pool.ts';
import type { PairTokenizer } from './pair-tokenizer.ts';

export interface PairModelOptions {
  readonly pool: OnnxPool;
  /** A cross-encoder with one or two logits per text: `[batch]`, `[batch, 1]` or `[batch, 2]`. */
  readonly file: OnnxSource;
  readonly tokenizer: PairTokenizer;
  readonly id: string;
  /** Tokens of query and text together, with the special ones. A longer text is cut and counted; a query that leaves no room is refused. Default 512. */
  readonly maxTokens?: number | undefined;
  /** Most texts of one run; 1 for a model with dynamic int8, whose scores depend on what they are run with. Default 32. */
  readonly batch?: number | undefined;
  /** Name of the output. Default: `logits`, else the first. */
  readonly output?: string | undefined;
}

/**
 * Opens a cross-encoder: it reads query and text together (`[CLS] query [SEP] text [SEP]`) and gives a logit. Of two logits (not
 * relevant, relevant) it is their difference, whose sigmoid is the softmax. Throws `corrupt` for a model that gives anything else.
 */
export async function openPairModel(options: PairModelOptions): Promise<PairModel> {
  const { pool, file, tokenizer, id, maxTokens = 512, batch = 32 } = options;
  const { frame } = tokenizer;
  const longestQuery = maxTokens - frameTokens(frame) - 1;
  const model = await pool.open(file, { name: id });
  const output = options.output ?? (model.outputs.includes('logits') ? 'logits' : (model.outputs[0] ?? 'logits'));
  requireOutputs(model, [output], id);
  const size = await logitsOf(model, output, tokenizer, id);

  return {
    id,
    async score(query, texts, callOptions = {}) {
      callOptions.signal?.throwIfAborted();
      const asked = tokenizer.encode(query, { maxTokens: Math.max(0, longestQuery) });
      if (asked.truncated || longestQuery < 0) {
        throw new ResiftError('input_too_long', `Expected a query of at most ${longestQuery} tokens for ${id}: shorten it.`, {
          details: { maxTokens: longestQuery },
        });
      }
      const room = longestQuery + 1 - asked.ids.length;
      const tokens = texts.map((text) => tokenizer.encode(text, { maxTokens: room }));
      const windows: PairWindow[] = tokens.flatMap((text) => pairWindows(frame, asked.ids, text, { maxTokens, stride: 0 }));
      const run = { model, pool, frame, id, outputs: { [output]: size }, batch };
      const { rows, usage } = await runWindows(run, windows, callOptions);
      const truncated = tokens.filter((text, i) => text.truncated && rows[i]).length;
      return { logits: rows.map((row) => row && logitOf(row[output]!)), usage: { ...usage, truncated } };
    },
  };
}

const logitOf = (logits: Float32Array) => (logits.length === 2 ? logits[1]! - logits[0]! : logits[0]!);

/** One short pair shows how many logits a model gives: its file often does not say. */
async function logitsOf(model: OnnxModel, output: string, { frame, encode }: PairTokenizer, id: string): Promise<1 | 2> {
  const text = encode('a', { maxTokens: 2 });
  const [window] = pairWindows(frame, text.ids, text, { maxTokens: 16, stride: 0 });
  const { [output]: tensor } = await model.run(knownFeeds(model, pairFeeds([window!], frame)), { outputs: [output] });
  const size = tensor?.data.length;
  if (size === 1 || size === 2) return size;
  throw new ResiftError(
    'corrupt',
    `Expected one or two logits per text from ${output} of ${id}, got the shape [${tensor?.dims}]. Is it a cross-encoder (sequence classification)?`,
  );
}
