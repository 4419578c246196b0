import type { ChatMessage, ChatModel, Closable } from '@resift/core';
import {
  type AnswerEvent,
  type AnswerOptions,
  answer,
  chatGenerator,
  extractive,
  type Rag,
  type RagLimits,
  type SearchOptions,
  type SearchOutcome,
  search,
} from '@resift/rag';
import { hybrid } from '@resift/retrieval/hybrid';
import { openLanceStore } from '@resift/retrieval/stores/lancedb';
import type { PutResult, SourceDocument, Store } from '@resift/retrieval/stores/store';
import { type Models, openModels } from './open-models.ts';
import { openPreset, type PresetName } from './presets.ts';
import { storedFirst } from './stored-first.ts';

export interface RagOptions {
  /** Where documents are kept. One process at a time. */
  readonly directory: string;
  /** Default `balanced`. */
  readonly preset?: PresetName | undefined;
  /** Writes the answers. Default: the embedded extractive reader, which needs no key and abstains. */
  readonly chat?: ChatModel | undefined;
  /** Models that are open already; they stay open when this is closed. Default: its own. */
  readonly models?: Models | undefined;
  readonly limits?: Partial<RagLimits> | undefined;
  /** Lets the generator read the sentences around each passage, up to so many tokens each. Default: the passage as it was found. */
  readonly parentTokens?: number | undefined;
  /**
   * Keep the token vectors of passages beside them, about 20 KB for 100 tokens, so that reranking takes milliseconds. Default true. What was stored without them is read afresh
   * until `store.reindex`.
   */
  readonly tokenVectors?: boolean | undefined;
}

export interface InCollection {
  /** Default `default`. */
  readonly collection?: string | undefined;
}

/** The whole pipeline in one process: documents in, cited answers out. */
export interface LocalRag extends Closable {
  readonly store: Store;
  /** Durable and searchable when it resolves. A document with a known id replaces the old one. */
  add(documents: readonly SourceDocument[], options?: InCollection): Promise<PutResult[]>;
  search(query: string, options?: SearchOptions & InCollection): Promise<SearchOutcome>;
  /** A question, or a conversation that ends with one. */
  ask(question: string | readonly ChatMessage[], options?: AnswerOptions & InCollection): AsyncGenerator<AnswerEvent>;
}

const LIMITS: RagLimits = { candidates: 100, topN: 5, contextTokens: 3_000 };

/** Opens the pipeline over a folder. Needs LanceDB: `npm install @lancedb/lancedb@0.37.1 apache-arrow@18.1.0`. */
export async function openRag({
  directory,
  preset = 'balanced',
  chat,
  models,
  limits,
  parentTokens,
  tokenVectors = true,
}: RagOptions): Promise<LocalRag> {
  const open = models ?? (await openModels());
  const { tokenizer } = open;
  const [embedder, tokenEmbedder, stored, { reranker, budgetMs }, reader, ground] = await Promise.all([
    open.embedder(),
    tokenVectors ? open.tokenEmbedder() : undefined,
    open.storedReranker(),
    openPreset(open, preset),
    open.reader(),
    open.groundedness(),
  ]);
  const store = await openLanceStore({ directory, embedder, tokenEmbedder, tokenizer });
  const generator = chat ? chatGenerator(chat) : extractive(reader);

  const rag = (collection = 'default'): Rag => ({
    retriever: hybrid({ bm25: store.retriever(collection, 'bm25'), dense: store.retriever(collection, 'dense') }),
    reranker: store.encodings
      ? storedFirst({ lookup: (documents, options) => store.encodings!(collection, documents, options), stored, otherwise: reranker })
      : reranker,
    generator,
    tokenizer,
    ground,
    ...(parentTokens !== undefined && {
      parent: { read: async (id: string) => (await store.get(collection, id))?.text, tokens: parentTokens },
    }),
    limits: { ...LIMITS, rerankBudgetMs: budgetMs, ...limits },
  });
  async function close() {
    await store.close();
    if (!models) await open.close();
  }

  return {
    store,
    add: (documents, { collection = 'default' } = {}) => store.put(collection, documents),
    search: (query, { collection, ...options } = {}) => search(query, rag(collection), options),
    ask: (question, { collection, ...options } = {}) =>
      answer(typeof question === 'string' ? [{ role: 'user', content: question }] : question, rag(collection), options),
    close,
    [Symbol.asyncDispose]: close,
  };
}
