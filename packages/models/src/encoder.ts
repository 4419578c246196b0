import { setImmediate } from 'node:timers/promises';
import { type CallOptions, type Embedder, ResiftError, type TextEncoding, type TextKind, type TokenEmbedder } from '@resift/core';
import { planGroups, planUsage } from './internal/plan.ts';
import type { Feeds, OnnxPool, OnnxSource, Outputs } from './onnx-pool.ts';
import type { Tokens, WordPiece } from './wordpiece.ts';

/** What an encoder's manifest entry says. */
export interface EncoderSpec {
  /** Most tokens of a document with [CLS] and [SEP]; the rest is cut off and counted in `usage.truncated`. */
  readonly maxTokens: number;
  /** The same for a query. Default: `maxTokens`. */
  readonly queryTokens?: number | undefined;
  readonly dimensions: number;
  readonly tokenDimensions: number;
  /** Most texts of one run. 1 where a score may not depend on what it is run with (dynamic int8). Default: no limit. */
  readonly batch?: number | undefined;
  /** Most tokens that a worker takes at once, padding counted: what a call that is aborted still finishes. Default 2,048. */
  readonly groupTokens?: number | undefined;
}

export interface EncoderOptions {
  readonly pool: OnnxPool;
  readonly file: OnnxSource;
  readonly tokenizer: WordPiece;
  readonly spec: EncoderSpec;
  /** Names the model and the hash of its file, e.g. 'embed@0.1.0#1a2b3c4d5e6f'. */
  readonly id: string;
}

/** Sentence and token vectors from one pass; a document's token vectors lie on the int8 grid. */
export interface Encoder extends TokenEmbedder, Embedder {
  readonly tokenizer: WordPiece;
  readonly maxTokens: number;
  /** Loads the model in every worker now. */
  warm(): Promise<void>;
}

const OUTPUTS = { sentence: 'sentence_vector', tokens: 'token_vectors', weights: 'token_weights' } as const;

/** Opens an encoder: an ONNX model with the inputs and outputs of `packages/models-en/CONTRACT.md`. */
export async function openEncoder({ pool, file, tokenizer, spec, id }: EncoderOptions): Promise<Encoder> {
  const model = await pool.open(file, { name: id });
  for (const name of [OUTPUTS.sentence, OUTPUTS.tokens]) {
    if (!model.outputs.includes(name)) throw new ResiftError('corrupt', `Expected the model ${id} to have an output ${name}.`);
  }
  const weighted = model.outputs.includes(OUTPUTS.weights);
  const { dimensions, tokenDimensions } = spec;

  async function forward(texts: readonly string[], kind: TextKind, outputs: readonly string[], options: CallOptions, grid?: string) {
    checkTexts(texts);
    options.signal?.throwIfAborted();
    const limit = (kind === 'query' ? spec.queryTokens : undefined) ?? spec.maxTokens;
    const tokenized = await tokenizeAll(tokenizer, texts, limit - 2, options.signal);
    const lengths = tokenized.map(({ ids }) => ids.length + 2);
    const plan = planGroups(lengths, {
      batch: spec.batch,
      groupTokens: spec.groupTokens ?? 2_048,
      workers: pool.workers,
      tokenBudget: options.tokenBudget,
    });
    const groups = plan.map((batches) => batches.map((positions) => feedsOf(tokenized, positions, tokenizer)));
    // Somebody waits for a query; it is also the shorter work.
    const results = await model.runAll(groups, { signal: options.signal, priority: kind === 'query' ? 1 : 0, outputs, grid });
    const usage = planUsage(plan, lengths, (position) => tokenized[position]!.truncated);
    return { tokenized, batches: plan.flat(), results: results.flat(), usage };
  }

  return {
    id,
    dimensions,
    tokenDimensions,
    tokenizer,
    maxTokens: spec.maxTokens,
    warm: () => model.warm(),

    async embed(texts, kind, options = {}) {
      const { batches, results, usage } = await forward(texts, kind, [OUTPUTS.sentence], options);
      if (batches.flat().length < texts.length) {
        throw new ResiftError('over_budget', `Embedding ${texts.length} texts takes more than the ${options.tokenBudget} tokens allowed.`, {
          details: { tokenBudget: options.tokenBudget },
        });
      }
      const vectors = new Array<Float32Array>(texts.length);
      for (const [batch, positions] of batches.entries()) {
        const rows = outputOf(results[batch]!, OUTPUTS.sentence, [positions.length, dimensions], id);
        for (const [row, position] of positions.entries()) vectors[position] = rows.slice(row * dimensions, (row + 1) * dimensions);
      }
      return { vectors, usage };
    },

    async encode(texts, kind, options = {}) {
      const wanted = [OUTPUTS.sentence, OUTPUTS.tokens, ...(weighted && kind === 'query' ? [OUTPUTS.weights] : [])];
      const { tokenized, batches, results, usage } = await forward(
        texts,
        kind,
        wanted,
        options,
        kind === 'document' ? OUTPUTS.tokens : undefined,
      );
      const encodings = new Array<TextEncoding | undefined>(texts.length).fill(undefined);
      for (const [batch, positions] of batches.entries()) {
        for (const [row, position] of positions.entries()) {
          encodings[position] = encodingOf(results[batch]!, row, positions.length, tokenized[position]!, wanted.length === 3);
        }
      }
      return { encodings, usage };
    },
  };

  function encodingOf(
    outputs: Outputs,
    row: number,
    rows: number,
    { ids, offsets, truncated }: Tokens,
    withWeights: boolean,
  ): TextEncoding {
    const count = ids.length;
    const width = outputs[OUTPUTS.tokens]?.dims[1] ?? 0;
    const sentences = outputOf(outputs, OUTPUTS.sentence, [rows, dimensions], id);
    const vectors = outputOf(outputs, OUTPUTS.tokens, [rows, width, tokenDimensions], id);
    const first = row * width + 1; // after [CLS]
    const weights = withWeights ? outputOf(outputs, OUTPUTS.weights, [rows, width], id).slice(first, first + count) : undefined;
    const last = first + count;
    const grid = outputs[OUTPUTS.tokens]?.grid;
    const found = grid
      ? { data: grid.slice(first * tokenDimensions, last * tokenDimensions), scales: vectors.slice(first, last) }
      : { data: vectors.slice(first * tokenDimensions, last * tokenDimensions) };
    return {
      sentence: sentences.slice(row * dimensions, (row + 1) * dimensions),
      tokens: { count, dimensions: tokenDimensions, ...found, offsets, ...(weights && { weights }) },
      truncated,
    };
  }
}

/** A hundredth of a second or so. */
const TOKENS_PER_TURN = 10_000;

/** In turns, so that many texts do not hold up the event loop. */
async function tokenizeAll(tokenizer: WordPiece, texts: readonly string[], maxTokens: number, signal: AbortSignal | undefined) {
  const tokenized: Tokens[] = [];
  let tokens = 0;
  for (const text of texts) {
    const found = tokenizer.encode(text, { maxTokens });
    tokenized.push(found);
    tokens += found.ids.length;
    if (tokens < TOKENS_PER_TURN) continue;
    tokens = 0;
    await setImmediate();
    signal?.throwIfAborted();
  }
  return tokenized;
}

function checkTexts(texts: readonly unknown[]) {
  const wrong = texts.findIndex((text) => typeof text !== 'string');
  if (wrong >= 0) throw new ResiftError('invalid_input', `Expected texts[${wrong}] to be a string, got ${typeof texts[wrong]}.`);
}

function feedsOf(tokenized: readonly Tokens[], positions: readonly number[], { ids }: WordPiece): Feeds {
  const width = Math.max(...positions.map((position) => tokenized[position]!.ids.length + 2));
  const inputIds = new Int32Array(positions.length * width).fill(ids.pad);
  const mask = new Int32Array(positions.length * width);
  for (const [row, position] of positions.entries()) {
    const tokens = tokenized[position]!.ids;
    const start = row * width;
    inputIds[start] = ids.cls;
    inputIds.set(tokens, start + 1);
    inputIds[start + tokens.length + 1] = ids.sep;
    mask.fill(1, start, start + tokens.length + 2);
  }
  const dims = [positions.length, width];
  return { input_ids: { dims, data: inputIds }, attention_mask: { dims, data: mask } };
}

function outputOf(outputs: Outputs, name: string, dims: readonly number[], id: string): Float32Array {
  const found = outputs[name];
  if (found && found.dims.length === dims.length && found.dims.every((size, axis) => size === dims[axis])) return found.data;
  throw new ResiftError('bad_output', `Expected ${name} of ${id} to have the shape ${dims}, got ${found?.dims}.`);
}
