import type { Feeds } from '../onnx-pool.ts';
import type { PairFrame, Tokens } from '../pair-tokenizer.ts';

/** One input of a pair model: first text and part of the second between special tokens, e.g. `[CLS] first [SEP] second [SEP]`. */
export interface PairWindow {
  readonly ids: Int32Array;
  /** Position in `ids` of the second text's first token, and how many of its tokens follow. */
  readonly offset: number;
  readonly count: number;
  /** Position, in the second text's tokens, of the first that is here. */
  readonly first: number;
}

export interface WindowLimits {
  /** Tokens of a window with its special ones. */
  readonly maxTokens: number;
  /** Tokens that a window shares with the one before. */
  readonly stride: number;
}

/** How many special tokens a window has. */
export const frameTokens = ({ before, between, after }: PairFrame): number => before.length + between.length + after.length;

/**
 * Cuts the second text, never the first, into windows. The last is the first one that reaches the end; a text without tokens
 * gives one empty window.
 */
export function pairWindows(frame: PairFrame, first: Int32Array, second: Tokens, { maxTokens, stride }: WindowLimits): PairWindow[] {
  const room = maxTokens - first.length - frameTokens(frame);
  const step = Math.max(1, room - stride);
  const windows: PairWindow[] = [];
  for (let start = 0; ; start += step) {
    windows.push(pairWindow(frame, first, second.ids.subarray(start, start + room), start));
    if (start + room >= second.ids.length) return windows;
  }
}

export function pairWindow({ before, between, after }: PairFrame, first: Int32Array, part: Int32Array, start: number): PairWindow {
  const ids = Int32Array.of(...before, ...first, ...between, ...part, ...after);
  return { ids, offset: before.length + first.length + between.length, count: part.length, first: start };
}

/** A padded batch of windows, with token types 0 up to the second text and the frame's from there on. */
export function pairFeeds(windows: readonly PairWindow[], { pad, secondType }: PairFrame): Feeds {
  const width = Math.max(...windows.map(({ ids }) => ids.length));
  const size = windows.length * width;
  const [inputIds, mask, types] = [new Int32Array(size).fill(pad), new Int32Array(size), new Int32Array(size)];
  for (const [row, { ids, offset }] of windows.entries()) {
    inputIds.set(ids, row * width);
    mask.fill(1, row * width, row * width + ids.length);
    types.fill(secondType, row * width + offset, row * width + ids.length);
  }
  const dims = [windows.length, width];
  return {
    input_ids: { dims, data: inputIds },
    attention_mask: { dims, data: mask },
    token_type_ids: { dims, data: types },
  };
}
