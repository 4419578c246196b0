import { textOf } from './collect-rankings.ts';
import type { DistilDocument } from './distil-input.ts';
import type { TeacherRanking } from './rankings-file.ts';

/** What the training package reads: texts in the teacher's order, best first. */
export interface TrainingList {
  readonly query: string;
  readonly texts: readonly string[];
  readonly scores: readonly number[] | null;
  /** Not learned from: it measures agreement with the teacher. */
  readonly holdout: boolean;
}

export interface ListOptions {
  /** Of the teacher's best. Default 2. */
  readonly best?: number | undefined;
  /** Default 6. */
  readonly negatives?: number | undefined;
  /** One query in so many is held out. Default 10. */
  readonly holdoutEvery?: number | undefined;
}

/**
 * Makes lists of the teacher's best and of mined negatives. A hard negative is one that the first stage liked and the teacher did not: of the lower half of the teacher's order, those that it moved down the
 * furthest. The near misses (the teacher's upper half, below its best) are left out, since among them are documents that are relevant as well.
 */
export function trainingLists(
  rankings: readonly TeacherRanking[],
  documents: readonly DistilDocument[],
  { best = 2, negatives = 6, holdoutEvery = 10 }: ListOptions = {},
): TrainingList[] {
  const byId = new Map(documents.map((document) => [document.id, document]));
  return rankings.flatMap(({ text, candidates, order, scores }, i) => {
    const top = order.slice(0, Math.min(best, Math.ceil(order.length / 2)));
    const firstStage = new Map(candidates.map((id, place) => [id, place]));
    const fall = (id: string) => order.indexOf(id) - firstStage.get(id)!;
    const lower = order.slice(Math.max(top.length, Math.ceil(order.length / 2)));
    const hard = new Set(lower.toSorted((a, b) => fall(b) - fall(a)).slice(0, negatives));
    const kept = [...top, ...lower.filter((id) => hard.has(id))];
    if (kept.length < 2) return [];
    return [
      {
        query: text,
        texts: kept.map((id) => textOf(byId.get(id)!)),
        scores: scores ? kept.map((id) => scores[order.indexOf(id)]!) : null,
        holdout: i % holdoutEvery === holdoutEvery - 1,
      },
    ];
  });
}
