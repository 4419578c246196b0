import { ResiftError, type Span, type SpanReader } from '@resift/core';
import { calibrate, linearLogit } from './internal/linear.ts';
import { type PairWindow, pairWindows } from './internal/pair-windows.ts';
import { requireOutputs, runWindows } from './internal/run-windows.ts';
import type { ReaderEntry } from './manifest.ts';
import type { OnnxPool, OnnxSource } from './onnx-pool.ts';
import type { Tokens, WordPiece } from './wordpiece.ts';

export interface SpanReaderOptions {
  readonly pool: OnnxPool;
  readonly file: OnnxSource;
  /** Of the file, for errors. Default: the id. */
  readonly name?: string | undefined;
  readonly tokenizer: WordPiece;
  readonly spec: Omit<ReaderEntry, 'file'>;
  /** Names the model and the hash of its file. */
  readonly id: string;
}

const OUTPUTS = { start_logits: 'each token', end_logits: 'each token', answerable_logit: 1 } as const;

/**
 * Opens an extractive reader as `packages/models-en/training/FEATURES-READ.md` defines it: at most one span per passage, its best.
 * A question over `maxQuestionTokens` is cut and counted in `usage.truncated`; a `tokenBudget` that does not reach is `over_budget`.
 */
export async function openSpanReader({ pool, file, name, tokenizer, spec, id }: SpanReaderOptions): Promise<SpanReader> {
  const model = await pool.open(file, { name: name ?? id });
  requireOutputs(model, Object.keys(OUTPUTS), id);

  return {
    id,
    threshold: spec.threshold,
    async read(question, passages, options = {}) {
      options.signal?.throwIfAborted();
      const asked = tokenizer.encode(question, { maxTokens: spec.maxQuestionTokens });
      if (asked.ids.length === 0) throw new ResiftError('invalid_input', 'Expected a question of at least one letter, digit or sign.');
      const texts = passages.map((passage) => tokenizer.encode(passage));
      const windows = texts.map((text) => (text.ids.length === 0 ? [] : pairWindows(tokenizer.frame, asked.ids, text, spec)));
      const { rows, usage } = await runWindows(
        { model, pool, frame: tokenizer.frame, id, outputs: OUTPUTS, batch: spec.batch },
        windows.flat(),
        options,
      );

      let row = 0;
      const spans = passages.map((passage, i) => {
        const found = windows[i]!.map((window) => bestInWindow(window, rows[row++], spec.maxAnswerTokens, options.tokenBudget));
        return found.length === 0
          ? []
          : [
              spanOf(
                passage,
                texts[i]!,
                found.reduce((best, each) => (each.score > best.score ? each : best)),
              ),
            ];
      });
      return { spans, usage: { ...usage, truncated: asked.truncated ? 1 : 0 } };
    },
  };

  function spanOf(passage: string, { offsets }: Tokens, { score, first, last, answerable }: Candidate): Span {
    const [start, end] = [offsets[2 * first]!, offsets[2 * last + 1]!];
    const logit = linearLogit(spec, { span_score: score, answerable_logit: answerable });
    if (!Number.isFinite(logit)) throw new ResiftError('bad_output', `${id} gave a logit that is not a number.`);
    return { start, end, text: passage.slice(start, end), probability: calibrate(spec.calibration, logit) };
  }
}

interface Candidate {
  readonly score: number;
  /** Positions in the passage's tokens. */
  readonly first: number;
  readonly last: number;
  readonly answerable: number;
}

function bestInWindow(
  { offset, count, first }: PairWindow,
  row: Readonly<Record<string, Float32Array>> | undefined,
  maxAnswerTokens: number,
  tokenBudget: number | undefined,
): Candidate {
  if (!row)
    throw new ResiftError('over_budget', `Reading takes more than the ${tokenBudget} tokens allowed.`, { details: { tokenBudget } });
  const { start_logits: start, end_logits: end, answerable_logit: answerable } = row as Record<keyof typeof OUTPUTS, Float32Array>;
  let best = { score: -Infinity, i: 0, j: 0 };
  for (let i = 0; i < count; i += 1) {
    for (let j = i; j < Math.min(count, i + maxAnswerTokens); j += 1) {
      const sum = start[offset + i]! + end[offset + j]!;
      if (sum > best.score) best = { score: sum, i, j };
    }
  }
  return { score: best.score - (start[0]! + end[0]!), first: first + best.i, last: first + best.j, answerable: answerable[0]! };
}
