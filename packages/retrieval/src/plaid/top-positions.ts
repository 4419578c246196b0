/** The positions of the `most` greatest scores, best first, equal ones in the order of their positions. */
export function topPositions(scores: Float64Array, most: number): number[] {
  const positions: number[] = [];
  if (scores.length <= most) {
    for (let i = 0; i < scores.length; i++) positions.push(i);
  } else if (most > 0) {
    // Sorting numbers without a comparator is fast; only the few that stay are sorted with one.
    const least = scores.slice().sort()[scores.length - most]!;
    let equals = most;
    for (let i = 0; i < scores.length; i++) if (scores[i]! > least) equals -= 1;
    for (let i = 0; i < scores.length; i++) {
      if (scores[i]! > least || (scores[i] === least && equals-- > 0)) positions.push(i);
    }
  }
  return positions.sort((a, b) => (scores[a] === scores[b] ? a - b : scores[b]! > scores[a]! ? 1 : -1));
}
