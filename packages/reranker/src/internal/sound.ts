import { type Document, type Ranking, type Reranker, type RerankOptions, ResiftError, type Scale } from '@resift/core';

/** Checks what `createReranker` guarantees of a reranker that may be hand-written: `bad_output` where it lies about indexes, documents or numbers. */
export function sound<D extends Document, S extends Scale>(
  ranking: Ranking<D, S>,
  documents: readonly D[],
  { id, scale }: Reranker<S>,
  { topK }: RerankOptions,
): Ranking<D, S> {
  const invalid = ranking.items.filter(({ score }) => !Number.isFinite(score)).length;
  if (invalid > 0) {
    throw new ResiftError('bad_output', `${id} gave ${invalid} scores that are not finite numbers.`, {
      details: { reason: 'invalid_scores', invalid },
    });
  }
  const seen = new Set<number>();
  for (const { document, index } of ranking.items) {
    if (documents[index] !== document || seen.has(index))
      throw new ResiftError('bad_output', `${id} gave a document under a wrong or repeated index ${index}.`);
    seen.add(index);
  }
  const expected = documents.length - ranking.skipped.length;
  const complete = topK === undefined ? seen.size === expected : seen.size >= Math.min(topK, expected);
  if (!complete)
    throw new ResiftError(
      'bad_output',
      `${id} gave ${seen.size} ranked and ${ranking.skipped.length} skipped of ${documents.length} documents.`,
    );
  if (ranking.scale !== scale) throw new ResiftError('bad_output', `${id} declares the scale ${scale} but answered on ${ranking.scale}.`);
  return ranking;
}
