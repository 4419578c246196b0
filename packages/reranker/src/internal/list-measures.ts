/** Relevance grades of documents by id; an id that is not there has grade 0. */
export type Grades = Readonly<Record<string, number>>;

/** nDCG@k with gains 2^grade - 1; `undefined` where nothing is relevant. */
export function ndcg(ids: readonly string[], grades: Grades, k: number): number | undefined {
  const gain = (grade: number, place: number) => (2 ** grade - 1) / Math.log2(place + 2);
  const ideal = Object.values(grades)
    .sort((a, b) => b - a)
    .slice(0, k)
    .reduce((sum, grade, place) => sum + gain(grade, place), 0);
  if (ideal === 0) return undefined;
  return ids.slice(0, k).reduce((sum, id, place) => sum + gain(grades[id] ?? 0, place), 0) / ideal;
}

/** Share of the relevant documents among the first k; `undefined` where nothing is relevant. */
export function recall(ids: readonly string[], grades: Grades, k: number): number | undefined {
  const relevant = Object.values(grades).filter((grade) => grade > 0).length;
  if (relevant === 0) return undefined;
  return ids.slice(0, k).filter((id) => (grades[id] ?? 0) > 0).length / relevant;
}

/** 1 / rank of the first relevant document, 0 where none is in the list; `undefined` where nothing is relevant. */
export function reciprocalRank(ids: readonly string[], grades: Grades): number | undefined {
  if (!Object.values(grades).some((grade) => grade > 0)) return undefined;
  const place = ids.findIndex((id) => (grades[id] ?? 0) > 0);
  return place === -1 ? 0 : 1 / (place + 1);
}

/** Share of the first k that both lists have; 1 for two empty ones. */
export function overlapAt(a: readonly string[], b: readonly string[], k: number): number {
  const size = Math.min(k, Math.max(a.length, b.length));
  if (size === 0) return 1;
  const there = new Set(b.slice(0, k));
  return a.slice(0, k).filter((id) => there.has(id)).length / size;
}

/** Mean number of places by which the documents that both lists have were moved; 0 where they share none. */
export function displacement(a: readonly string[], b: readonly string[]): number {
  const places = new Map(b.map((id, place) => [id, place]));
  const moves = a.flatMap((id, place) => (places.has(id) ? [Math.abs(places.get(id)! - place)] : []));
  return moves.length === 0 ? 0 : moves.reduce((sum, move) => sum + move, 0) / moves.length;
}
