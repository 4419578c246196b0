import type { CallbackManagerForRetrieverRun } from '@langchain/core/callbacks/manager';
import { type DocumentInterface, Document as LangChainDocument } from '@langchain/core/documents';
import { BaseRetriever, type BaseRetrieverInput } from '@langchain/core/retrievers';
import { ensureConfig } from '@langchain/core/runnables';
import type { Filter, Passage, Retriever } from '@resift/core';
import { ResiftError } from '@resift/core';

export interface ResiftRetrieverInput extends BaseRetrieverInput {
  /** For example the hybrid retrieval of `@resift/retrieval`. */
  readonly retriever: Retriever<Passage>;
  /** Default 100: what a reranker behind it should see. */
  readonly topK?: number | undefined;
  readonly filter?: Filter | undefined;
}

/** One of our retrievers where LangChain.js expects a `BaseRetriever`. Metadata carries documentId, start, end, title and url, and `retrievalScore`. */
export class ResiftRetriever extends BaseRetriever {
  override lc_namespace: string[] = ['resift', 'retrievers'];
  readonly #retriever: Retriever<Passage>;
  readonly #topK: number;
  readonly #filter: Filter | undefined;

  constructor({ retriever, topK = 100, filter, ...input }: ResiftRetrieverInput) {
    super(input);
    if (!Number.isInteger(topK) || topK < 1) throw new ResiftError('invalid_config', `Expected \`topK\` of 1 or more, got ${topK}.`);
    this.#retriever = retriever;
    this.#topK = topK;
    this.#filter = filter;
  }

  override async _getRelevantDocuments(query: string, _run?: CallbackManagerForRetrieverRun): Promise<DocumentInterface[]> {
    const { signal } = ensureConfig();
    const found = await this.#retriever.retrieve(query, { topK: this.#topK, filter: this.#filter, signal });
    return found.map(({ document: { id, text, metadata, ...place }, score }) => {
      return new LangChainDocument({ id, pageContent: text, metadata: { ...metadata, ...place, retrievalScore: score } });
    });
  }
}
