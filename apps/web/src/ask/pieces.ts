import type { Citation, Groundedness } from '../session/api-shapes.ts';

/** A stretch of an answer, what it cites, and whether the sources support the sentence it belongs to. */
export interface Piece {
  readonly start: number;
  readonly text: string;
  readonly cited: boolean;
  readonly supported?: boolean;
  /** Citations that end here: their chips follow the text. */
  readonly chips: readonly Citation[];
  /** A checked sentence ends here. */
  readonly verdict?: { readonly supported: boolean; readonly score: number };
}

/** Cuts an answer where a citation or a checked sentence begins or ends; the texts together are the answer. */
export function piecesOf(answer: string, citations: readonly Citation[], sentences: Groundedness['sentences'] = []): Piece[] {
  const ranges = [...citations, ...sentences];
  const cuts = new Set([0, answer.length, ...ranges.flatMap(({ start, end }) => [start, end])]);
  const points = [...cuts].filter((point) => point >= 0 && point <= answer.length).sort((a, b) => a - b);
  return points.slice(0, -1).map((start, index) => {
    const end = points[index + 1]!;
    const within = (range: { start: number; end: number }) => range.start <= start && end <= range.end;
    const sentence = sentences.find(within);
    return {
      start,
      text: answer.slice(start, end),
      cited: citations.some(within),
      chips: citations.filter((citation) => citation.end === end),
      ...(sentence && { supported: sentence.supported }),
      ...(sentence?.end === end && { verdict: { supported: sentence.supported, score: sentence.score } }),
    };
  });
}
