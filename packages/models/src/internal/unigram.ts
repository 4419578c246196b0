import { ResiftError } from '@resift/core';
import type { Spelling, WordSpeller } from './word-speller.ts';

/** What an unknown character costs beyond the worst piece. */
const UNKNOWN_PENALTY = 10;

/** SentencePiece's unigram model (Kudo 2018): the likeliest of all ways to spell a word, found by Viterbi. Neighbouring unknown characters are one token. */
export function createUnigram(vocabulary: readonly (readonly [piece: string, score: number])[], unknownId: number): WordSpeller {
  const pieces = new Map<string, number>();
  const scores = new Float64Array(vocabulary.length);
  /** By first UTF-16 unit: how long a piece may be. */
  const longest = new Map<number, number>();
  let least = Infinity;
  for (const [id, [piece, score]] of vocabulary.entries()) {
    pieces.set(piece, id);
    scores[id] = score;
    least = Math.min(least, score);
    const first = piece.charCodeAt(0);
    longest.set(first, Math.max(longest.get(first) ?? 0, piece.length));
  }
  if (!(unknownId >= 0 && unknownId < vocabulary.length)) {
    throw new ResiftError('invalid_config', 'Expected `unk_id` of the Unigram model in tokenizer.json to be an entry of its vocabulary.');
  }
  const unknownScore = least - UNKNOWN_PENALTY;

  return (word) => {
    const { length } = word;
    const best = new Float64Array(length + 1).fill(-Infinity);
    const from = new Int32Array(length + 1);
    const ids = new Int32Array(length + 1);
    best[0] = 0;
    const reach = (end: number, start: number, id: number, score: number) => {
      if (!(score > best[end]!)) return;
      best[end] = score;
      from[end] = start;
      ids[end] = id;
    };
    for (let start = 0; start < length; ) {
      const size = word.codePointAt(start)! > 0xffff ? 2 : 1;
      const most = Math.min(length, start + (longest.get(word.charCodeAt(start)) ?? 0));
      let alone = false;
      for (let end = start + size; end <= most; end += 1) {
        const id = pieces.get(word.slice(start, end));
        if (id === undefined) continue;
        reach(end, start, id, best[start]! + scores[id]!);
        alone ||= end === start + size;
      }
      if (!alone) reach(start + size, start, unknownId, best[start]! + unknownScore);
      start += size;
    }
    return path(length, from, ids, unknownId);
  };
}

function path(length: number, from: Int32Array, ids: Int32Array, unknownId: number): Spelling {
  const spelling: { ids: number[]; bounds: number[] } = { ids: [], bounds: [] };
  for (let end = length; end > 0; end = from[end]!) {
    const start = from[end]!;
    if (ids[end] === unknownId && spelling.ids.at(-1) === unknownId) spelling.bounds[spelling.bounds.length - 1] = start;
    else {
      spelling.ids.push(ids[end]!);
      spelling.bounds.push(end, start);
    }
  }
  return { ids: spelling.ids.reverse(), bounds: spelling.bounds.reverse() };
}
