import { type EvalDocument, type OpenedCollection, openCollection } from 'resift/evaluation/collection';
import type { Workbench } from './workbench.ts';

/** Stores documents with the workbench's models, or opens what an earlier run stored, and shows how far it is. */
export async function storedCollection(
  { runs, models, progress }: Workbench,
  documents: readonly EvalDocument[],
): Promise<OpenedCollection> {
  const collection = await openCollection(documents, {
    runs,
    embedder: await models.embedder(),
    tokenizer: models.tokenizer,
    onProgress: (done) => progress.show(`storing ${done} of ${documents.length} documents`),
  });
  progress.done();
  return collection;
}
