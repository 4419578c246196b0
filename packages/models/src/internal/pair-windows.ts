import type { Feeds } from '../onnx-pool.ts';
import type { Tokens, WordPiece } from '../wordpiece.ts';

/** One input of a pair model: `[CLS] first [SEP] part of the second [SEP]`. */
export interface PairWindow {
  readonly ids: Int32Array;
  /** Position in `ids` of the second text's first token, and how many of its tokens follow. */
  readonly offset: number;
  readonly count: number;
  /** Position, in the second text's tokens, of the first that is here. */
  readonly first: number;
}

export interface WindowLimits {
  /** Tokens of a window with its three special ones. */
  readonly maxTokens: number;
  /** Tokens that a window shares with the one before. */
  readonly stride: number;
}

/**
 * Cuts the second text, never the first, into windows. The last is the first one that reaches the end; a text without tokens
 * gives one empty window.
 */
export function pairWindows(tokenizer: WordPiece, first: Int32Array, second: Tokens, { maxTokens, stride }: WindowLimits): PairWindow[] {
  const room = maxTokens - first.length - 3;
  const step = Math.max(1, room - stride);
  const windows: PairWindow[] = [];
  for (let start = 0; ; start += step) {
    windows.push(pairWindow(tokenizer, first, second.ids.subarray(start, start + room), start));
    if (start + room >= second.ids.length) return windows;
  }
}

function pairWindow({ ids: { cls, sep } }: WordPiece, first: Int32Array, part: Int32Array, start: number): PairWindow {
  const ids = new Int32Array(first.length + part.length + 3);
  ids[0] = cls;
  ids.set(first, 1);
  ids[first.length + 1] = sep;
  ids.set(part, first.length + 2);
  ids[ids.length - 1] = sep;
  return { ids, offset: first.length + 2, count: part.length, first: start };
}

/** A padded batch of windows, with token types 0 up to the first [SEP] and 1 after it. */
export function pairFeeds(windows: readonly PairWindow[], { ids: { pad } }: WordPiece): Feeds {
  const width = Math.max(...windows.map(({ ids }) => ids.length));
  const size = windows.length * width;
  const [inputIds, mask, types] = [new Int32Array(size).fill(pad), new Int32Array(size), new Int32Array(size)];
  for (const [row, { ids, offset }] of windows.entries()) {
    inputIds.set(ids, row * width);
    mask.fill(1, row * width, row * width + ids.length);
    types.fill(1, row * width + offset, row * width + ids.length);
  }
  const dims = [windows.length, width];
  return {
    input_ids: { dims, data: inputIds },
    attention_mask: { dims, data: mask },
    token_type_ids: { dims, data: types },
  };
}
