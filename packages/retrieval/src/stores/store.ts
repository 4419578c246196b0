import type { Closable, Document, Metadata, Passage, Retriever, TextEncoding } from '@resift/core';
import type { Sanitized } from '../sanitize.ts';

/** A document as it comes in. Without an id it gets a random one. */
export interface SourceDocument {
  /** 1 to 512 bytes of UTF-8, any characters. */
  readonly id?: string | undefined;
  readonly text: string;
  readonly title?: string | undefined;
  readonly url?: string | undefined;
  /** At most 8 KiB as JSON, 4 levels and 64 keys. */
  readonly metadata?: Metadata | undefined;
}

export interface DocumentSummary {
  readonly id: string;
  readonly title?: string;
  readonly url?: string;
  readonly metadata?: Metadata;
  readonly chunks: number;
  /** Milliseconds since 1970 when this version of the document was stored. */
  readonly createdAt: number;
}

/** `text` is what the offsets of passages point into: the text that came, less what was sanitized. */
export interface StoredDocument extends DocumentSummary {
  readonly text: string;
}

export interface PutResult {
  readonly id: string;
  readonly chunks: number;
  /** True if a document of this id was there before. */
  readonly replaced: boolean;
  readonly sanitized?: Sanitized;
}

export interface PutOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after every group of documents that has become durable and searchable. */
  readonly onProgress?: ((done: { readonly documents: number; readonly chunks: number }) => void) | undefined;
}

export interface CollectionSummary {
  readonly name: string;
  readonly documents: number;
  readonly chunks: number;
  /** Whether token vectors are kept beside the passages: said by a store that was opened to keep them. `missing` and `other model`: reindexing makes them. */
  readonly tokenVectors?: 'kept' | 'missing' | 'other model';
}

export interface ListOptions {
  /** The `next` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export type StoreLeg = 'bm25' | 'dense';

/**
 * Documents in collections, cut into passages that can be found by words and by meaning. Laws: `test/contracts/store.ts`.
 * Unknown collections and documents: `not_found`, but for `get` and `delete`, which answer undefined and false for an unknown document.
 */
export interface Store extends Closable {
  collections(): Promise<CollectionSummary[]>;
  /** Creating one that exists changes nothing. Names: letters, digits, `.`, `_`, `-`, at most 64, the first a letter or digit. */
  createCollection(name: string): Promise<void>;
  /** False if there was none. */
  deleteCollection(name: string): Promise<boolean>;
  /**
   * Durable and searchable in every leg on return, in the order given; an unknown collection is created. The same id again replaces the
   * document in one step: no reader ever sees half of it, not even after a crash. Refused documents are named before anything is stored;
   * an abort keeps whole documents that were already stored.
   */
  put(collection: string, documents: readonly SourceDocument[], options?: PutOptions): Promise<PutResult[]>;
  /** Cuts and embeds every document again, with the model and settings in use. Searches go on over the old vectors until all is done. */
  reindex(collection: string, options?: PutOptions): Promise<{ documents: number; chunks: number }>;
  get(collection: string, id: string): Promise<StoredDocument | undefined>;
  /** In the order of ids. */
  list(collection: string, options: ListOptions): Promise<{ documents: DocumentSummary[]; next?: string }>;
  delete(collection: string, id: string): Promise<boolean>;
  retriever(collection: string, leg: StoreLeg): Retriever<Passage>;
  /**
   * The third leg: late interaction, the passages of the greatest MaxSim of the kept token vectors. Only of a store that keeps them and an index of them in step. Fails as `invalid_config`
   * where a collection has none of the model in use, as `unavailable` with the reason `building` while a large collection is indexed for the first time.
   */
  late?(collection: string): Retriever<Passage>;
  /**
   * Names what searches of a collection find now: another after every change by whatever process, and never one that was before. A change shows in it no
   * sooner than in the searches, so what a search found after it was asked is still to be found as long as it stays.
   */
  version(collection: string): Promise<string>;
  /**
   * The encodings kept of passages, by their ids: `result[i]` is what the token embedder would give for `documents[i].text` now, or undefined where none is kept of
   * this very text (`passageText` of the passage). Only of a store that was opened with a token embedder.
   */
  encodings?(
    collection: string,
    documents: readonly Document[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly (TextEncoding | undefined)[]>;
}
