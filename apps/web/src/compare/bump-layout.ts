import type { Passage } from '../session/api-shapes.ts';

/** One passage's way from the first stage's order to the final one. Rows count from 0. */
export interface Way {
  readonly passage: Passage;
  readonly finalRank: number;
  readonly fromRow: number;
  readonly toRow: number;
  /** Places gained; negative where lost. */
  readonly gained: number;
}

/**
 * The ways of everything that is among the first `depth` of either order. Whoever comes from, or goes, further down stands below
 * the `depth` rows, in order, so that a jump from rank 70 does not make the picture 70 rows tall.
 */
export function bumpLayout(results: readonly Passage[], depth = 10): { ways: Way[]; rows: number } {
  const ranked = results.map((passage, index) => ({ passage, finalRank: index + 1, firstRank: passage.first_stage.rank }));
  const shown = ranked.filter(({ finalRank, firstRank }) => finalRank <= depth || firstRank <= depth);
  const rowsOf = (rank: (entry: (typeof shown)[number]) => number) => {
    const below = shown.filter((entry) => rank(entry) > depth).sort((a, b) => rank(a) - rank(b));
    return (entry: (typeof shown)[number]) => (rank(entry) <= depth ? rank(entry) - 1 : depth + below.indexOf(entry));
  };
  const from = rowsOf(({ firstRank }) => firstRank);
  const to = rowsOf(({ finalRank }) => finalRank);
  const ways = shown.map((entry) => ({
    passage: entry.passage,
    finalRank: entry.finalRank,
    fromRow: from(entry),
    toRow: to(entry),
    gained: entry.firstRank - entry.finalRank,
  }));
  return { ways, rows: ways.reduce((most, { fromRow, toRow }) => Math.max(most, fromRow + 1, toRow + 1), 0) };
}

/** What reranking did, in a sentence. */
export function movement(results: readonly Passage[], depth = 10): string {
  const top = results.slice(0, depth);
  const came = top.filter(({ first_stage: { rank } }) => rank > depth).length;
  const first = top[0];
  if (!first) return 'Nothing was found.';
  const { rank } = first.first_stage;
  const leader = rank === 1 ? 'The first passage stayed first.' : `The passage that is first now was at ${rank}.`;
  return came === 0 ? leader : `${leader} ${came} of the first ${top.length} came from below ${depth}.`;
}
