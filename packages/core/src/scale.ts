/**
 * What a score means, hence what may be done with it.
 *
 * - `probability`: in [0, 1] and calibrated. Comparable across queries; may be thresholded.
 * - `logit`: any real number. Comparable within one query and one model.
 * - `similarity`: cosine or MaxSim. Comparable within one query.
 * - `ordinal`: 1/rank. Only the order is information; never threshold or average it.
 */
export type Scale = 'probability' | 'logit' | 'similarity' | 'ordinal';

/** A calibrated probability in words. The thresholds belong to the model that made it. */
export type Label = 'very likely' | 'likely' | 'unlikely';

/** Turns an order (positions, best first) into ordinal scores by position: 1, 1/2, 1/3, … */
export function ordinalScores(order: readonly number[], length: number): (number | undefined)[] {
  const scores = Array.from<number | undefined>({ length });
  order.forEach((position, rank) => {
    scores[position] = 1 / (rank + 1);
  });
  return scores;
}
