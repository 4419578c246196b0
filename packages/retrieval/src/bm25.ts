import { type Document, type Filter, type Metadata, ResiftError, type Retriever } from '@resift/core';
import { type AnalyzerOptions, createAnalyzer } from './analyze.ts';
import { filterTags, metadataTags } from './filter.ts';
import { checkRetrieval } from './internal/check-retrieval.ts';
import { type Bm25Parameters, createLexicalIndex } from './lexical-index.ts';

export interface Bm25Options<D extends Document> extends Bm25Parameters, AnalyzerOptions {
  /** What is indexed of a document. Default: its title, where it has one, and its text. */
  readonly textOf?: ((document: D) => string) | undefined;
}

/**
 * BM25 in memory, for use without a store. The scores are those of PyPI `bm25s` with `method="lucene"`.
 * Ids must be unique; a filter reads `document.metadata`.
 */
export function bm25<D extends Document & { readonly title?: string; readonly metadata?: Metadata }>(
  documents: readonly D[],
  { textOf = titleAndText, ...options }: Bm25Options<D> = {},
): Retriever<D> {
  const index = createLexicalIndex(createAnalyzer(options), options);
  const byId = new Map<string, D>();
  for (const document of documents) {
    if (byId.has(document.id)) {
      throw new ResiftError('invalid_input', `Expected unique ids, got ${JSON.stringify(document.id)} twice.`);
    }
    byId.set(document.id, document);
    index.add(document.id, textOf(document), metadataTags(document.metadata));
  }

  return {
    id: 'bm25',
    async retrieve(query: string, options: { topK: number; filter?: Filter | undefined; signal?: AbortSignal | undefined }) {
      checkRetrieval(query, options);
      return index.search(query, options.topK, filterTags(options.filter)).map(({ key, score }) => ({ document: byId.get(key)!, score }));
    },
  };
}

function titleAndText({ title, text }: { readonly title?: string; readonly text: string }): string {
  return title ? `${title}\n${text}` : text;
}
