import { CallbackManager, type Callbacks } from '@langchain/core/callbacks/manager';
import { type DocumentInterface, Document as LangChainDocument } from '@langchain/core/documents';
import type { Serialized } from '@langchain/core/load/serializable';
import { BaseDocumentCompressor } from '@langchain/core/retrievers/document_compressors';
import { ensureConfig, RunnableLambda } from '@langchain/core/runnables';
import { type Adapter, type AdapterOptions, adapter } from './internal/adapter.ts';

export interface ResiftCompressorOptions extends AdapterOptions<DocumentInterface> {
  /** Aborts every call of this compressor. For one call use `withSignal`, or run it as a Runnable, whose config carries a signal. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A reranker where LangChain.js expects a document compressor. Gives copies with their ids and metadata and, where there is a score, `metadata.relevanceScore`.
 * It reports a chain run to the callbacks, with a custom event `rerank` that carries status, scale and usage.
 */
export class ResiftCompressor extends BaseDocumentCompressor {
  readonly #options: ResiftCompressorOptions;
  readonly #adapter: Adapter<DocumentInterface>;

  constructor(options: ResiftCompressorOptions) {
    super();
    this.#options = options;
    this.#adapter = adapter(options);
  }

  /** The same compressor, whose calls this signal aborts too. */
  withSignal(signal: AbortSignal): ResiftCompressor {
    return new ResiftCompressor({ ...this.#options, signal: anyOf([this.#options.signal, signal]) });
  }

  /** A step for a chain: `{ query, documents }` in, documents out. The config's signal and callbacks hold. */
  asRunnable(): RunnableLambda<{ query: string; documents: DocumentInterface[] }, DocumentInterface[]> {
    return RunnableLambda.from(({ query, documents }, config) =>
      this.compressDocuments(documents, query, config?.callbacks, { signal: config?.signal }),
    );
  }

  override async compressDocuments(
    documents: DocumentInterface[],
    query: string,
    callbacks?: Callbacks,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<DocumentInterface[]> {
    // Beneath a Runnable or a tool LangChain keeps the caller's config, and with it the signal, in an AsyncLocalStorage.
    const inherited = ensureConfig();
    const manager = CallbackManager.configure(callbacks ?? inherited.callbacks);
    const run = await manager?.handleChainStart(
      SERIALIZED,
      { query, documents },
      undefined,
      undefined,
      undefined,
      undefined,
      'ResiftCompressor',
    );
    try {
      const ranking = await this.#adapter.rerank(query, this.#carry(documents), {
        signal: anyOf([signal, this.#options.signal, inherited.signal]),
      });
      const { status, scale, usage } = ranking;
      const output = this.#adapter.arrange(ranking).map(({ carried, ranked }) => copy(carried.original, ranked?.score, status.scored > 0));
      await run?.handleCustomEvent('rerank', { ...status, reranker: this.#options.reranker.id, scale, usage });
      await run?.handleChainEnd({ documents: output });
      return output;
    } catch (error) {
      await run?.handleChainError(error);
      throw error;
    }
  }

  #carry(documents: readonly DocumentInterface[]) {
    return documents.map((original, index) => ({
      id: original.id ?? String(index),
      text: this.#adapter.textOf(original, original.pageContent, original.metadata ?? {}),
      index,
      original,
    }));
  }
}

const SERIALIZED: Serialized = { lc: 1, type: 'not_implemented', id: ['resift', 'reranker', 'ResiftCompressor'] };

/** An older score beside new ones would be read as one of them, so it goes where this call scored others. */
function copy({ id, pageContent, metadata }: DocumentInterface, score: number | undefined, scored: boolean): DocumentInterface {
  const { relevanceScore, ...rest } = metadata ?? {};
  const kept = scored ? rest : { ...metadata };
  return new LangChainDocument({
    ...(id !== undefined && { id }),
    pageContent,
    metadata: score === undefined ? kept : { ...kept, relevanceScore: score },
  });
}

function anyOf(signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = [...new Set(signals.filter((signal) => signal !== undefined))];
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}
