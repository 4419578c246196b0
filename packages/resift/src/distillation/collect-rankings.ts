import { type Reranker, ResiftError, type Retriever } from '@resift/core';
import type { DistilDocument, DistilQuery } from './distil-input.ts';
import type { RankingsFile } from './rankings-file.ts';

export interface CollectOptions {
  readonly queries: readonly DistilQuery[];
  readonly retriever: Retriever<DistilDocument>;
  readonly teacher: Reranker;
  /** Documents that retrieval gives and the teacher ranks. */
  readonly candidates: number;
  readonly file: RankingsFile;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/**
 * Asks the teacher about every query that the file does not hold yet. A call that fails ends it, with what was ranked until then on the disk; so does a ranking that is not the teacher's (degraded, partial
 * by a deadline), since a student must not learn the first stage. An answer that an LLM gave and that was repaired counts.
 */
export async function collectRankings({
  queries,
  retriever,
  teacher,
  candidates,
  file,
  signal,
  onProgress,
}: CollectOptions): Promise<void> {
  for (const [i, { id, text }] of queries.entries()) {
    signal?.throwIfAborted();
    if (!file.has(id)) {
      const found = (await retriever.retrieve(text, { topK: candidates, signal })).map(({ document }) => document);
      // The teacher sees what the student will see: the title before the text.
      const shown = found.map((document) => ({ id: document.id, text: textOf(document) }));
      const { items, scale, status } = await teacher.rerank(text, shown, { signal });
      const repaired = status.status === 'partial' && status.reason === 'bad_response';
      if (shown.length > 0 && status.status !== 'applied' && !repaired) {
        throw new ResiftError(
          'unavailable',
          `The teacher ${teacher.id} did not rank query "${id}" (${status.status}, ${status.reason}). Run again to go on.`,
        );
      }
      file.add({
        query: id,
        text,
        candidates: shown.map((document) => document.id),
        order: items.map(({ document }) => document.id),
        ...(scale !== 'ordinal' && { scores: items.map(({ score }) => score) }),
      });
    }
    onProgress?.(i + 1, queries.length);
  }
}

/** What teacher and student read of a document. */
export function textOf({ title, text }: DistilDocument): string {
  return title ? `${title} ${text}` : text;
}
