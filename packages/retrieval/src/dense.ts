import { type Document, type Embedder, type Metadata, ResiftError, type Retriever } from '@resift/core';
import { filterTags, metadataTags } from './filter.ts';
import { checkRetrieval } from './internal/check-retrieval.ts';
import { createVectorIndex } from './internal/vector-index.ts';
import { checkVectors } from './stores/prepare-documents.ts';

export interface DenseOptions<D extends Document> {
  /** What is embedded of a document. Default: its title, where it has one, and its text. */
  readonly textOf?: ((document: D) => string) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const BATCH = 256;

/** Nearest neighbours in memory, exact, by the dot product of the embedder's vectors. Ids must be unique; a filter reads `document.metadata`. */
export async function dense<D extends Document & { readonly title?: string; readonly metadata?: Metadata }>(
  documents: readonly D[],
  embedder: Embedder,
  { textOf = ({ title, text }) => (title ? `${title}\n${text}` : text), signal }: DenseOptions<D> = {},
): Promise<Retriever<D>> {
  const byId = new Map(documents.map((document) => [document.id, document]));
  if (byId.size !== documents.length) {
    throw new ResiftError(
      'invalid_input',
      `Expected unique ids, got ${documents.length - byId.size} of ${documents.length} more than once.`,
    );
  }
  const index = createVectorIndex();
  for (let from = 0; from < documents.length; from += BATCH) {
    signal?.throwIfAborted();
    const batch = documents.slice(from, from + BATCH);
    const { vectors } = await embedder.embed(batch.map(textOf), 'document', { signal });
    checkVectors(vectors, batch.length, embedder);
    for (const [i, document] of batch.entries()) index.add(document.id, vectors[i]!, metadataTags(document.metadata));
  }

  return {
    id: `dense:${embedder.id}`,
    async retrieve(query, options) {
      checkRetrieval(query, options);
      const groups = filterTags(options.filter);
      const { vectors } = await embedder.embed([query], 'query', { signal: options.signal });
      checkVectors(vectors, 1, embedder);
      return index.search(vectors[0]!, options.topK, groups).map(({ key, score }) => ({ document: byId.get(key)!, score }));
    },
  };
}
