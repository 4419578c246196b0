import { type PairModel, ResiftError } from '@resift/core';
import { type PairWindow, pairWindows } from './internal/pair-windows.ts';
import { requireOutputs, runWindows } from './internal/run-windows.ts';
import type { OnnxPool, OnnxSource } from './onnx-pool.ts';
import type { WordPiece } from './wordpiece.ts';

export interface PairModelOptions {
  readonly pool: OnnxPool;
  /** A BERT-type cross-encoder with one logit per text, `[batch]` or `[batch, 1]`. */
  readonly file: OnnxSource;
  readonly tokenizer: WordPiece;
  readonly id: string;
  /** Tokens of query and text together, with three special ones. A longer text is cut and counted; a query that leaves no room is refused. Default 512. */
  readonly maxTokens?: number | undefined;
  /** Most texts of one run; 1 for a model with dynamic int8, whose scores depend on what they are run with. Default 32. */
  readonly batch?: number | undefined;
  /** Name of the output. Default: the only one. */
  readonly output?: string | undefined;
}

/** Opens a cross-encoder: it reads query and text together (`[CLS] query [SEP] text [SEP]`) and gives a logit. */
export async function openPairModel(options: PairModelOptions): Promise<PairModel> {
  const { pool, file, tokenizer, id, maxTokens = 512, batch = 32 } = options;
  const model = await pool.open(file, { name: id });
  const output = options.output ?? model.outputs[0] ?? 'logits';
  requireOutputs(model, [output], id);

  return {
    id,
    async score(query, texts, callOptions = {}) {
      callOptions.signal?.throwIfAborted();
      const asked = tokenizer.encode(query, { maxTokens: maxTokens - 3 });
      const room = maxTokens - 3 - asked.ids.length;
      if (asked.truncated || room < 1) {
        throw new ResiftError('input_too_long', `Expected a query of at most ${maxTokens - 4} tokens for ${id}: shorten it.`, {
          details: { maxTokens: maxTokens - 4 },
        });
      }
      const tokens = texts.map((text) => tokenizer.encode(text, { maxTokens: room }));
      const windows: PairWindow[] = tokens.flatMap((text) => pairWindows(tokenizer, asked.ids, text, { maxTokens, stride: 0 }));
      const run = { model, pool, tokenizer, id, outputs: { [output]: 'one' } as const, batch };
      const { rows, usage } = await runWindows(run, windows, callOptions);
      const truncated = tokens.filter((text, i) => text.truncated && rows[i]).length;
      return { logits: rows.map((row) => row?.[output]?.[0]), usage: { ...usage, truncated } };
    },
  };
}
