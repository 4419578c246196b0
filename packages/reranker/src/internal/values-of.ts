import type { Ranking } from '@resift/core';

/** A ranking back as scores by input position, so that `createReranker` can make one of it again. */
export function valuesOf(ranking: Ranking, length: number): (number | undefined)[] {
  const values = Array.from<number | undefined>({ length });
  for (const { index, score } of ranking.items) values[index] = score;
  return values;
}
