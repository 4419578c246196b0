import type { CallOptions, Closable, RetrieveOptions, Retriever, Scored } from '@resift/core';
import type { Bits } from './codec.ts';
import type { PlaidProgress } from './make-index.ts';
import type { PlaidDocument } from './pack-documents.ts';

export interface PlaidStats {
  readonly documents: number;
  /** Of all documents, with those that are deleted but still on disk. */
  readonly tokens: number;
  /** Still on disk. */
  readonly deleted: number;
  readonly segments: number;
  readonly centroids: number;
  readonly bits: Bits;
  /** Size of all files. */
  readonly bytes: number;
  /** Grows by one with every change. */
  readonly generation: number;
  /** True where there are more than four times as many tokens as the centroids were made for: `retrain` would make searches better. */
  readonly outgrown: boolean;
}

export interface PlaidFound<D extends PlaidDocument> {
  readonly results: readonly Scored<D>[];
  /** Documents that shared a probed centroid with the query. */
  readonly candidates: number;
  /** Documents whose token vectors were read and scored. */
  readonly exact: number;
}

export interface FindOptions extends Pick<RetrieveOptions, 'topK' | 'signal'> {
  /** Whether a document may be found, by its id. Default: each one. */
  readonly accepts?: ((id: string) => boolean) | undefined;
}

export interface ChangeOptions extends Pick<CallOptions, 'signal'> {
  readonly onProgress?: ((progress: PlaidProgress) => void) | undefined;
}

/**
 * Late interaction as a first stage. Scores are MaxSim (the mean, as `lateInteraction` of @resift/reranker gives it) of vectors that are close to the true
 * ones. Every change is durable and searchable when it resolves, or leaves no trace; searches that run meanwhile see the index before it.
 */
export interface PlaidIndex<D extends PlaidDocument = PlaidDocument> extends Retriever<D>, Closable {
  /** The same as `retrieve`, with how much work it was. A query without tokens finds nothing. */
  retrieveWithCounts(query: string, options: RetrieveOptions): Promise<PlaidFound<D>>;
  /** The same for a query that is encoded already, row by row: ids and scores, best first, without reading the documents. */
  find(query: Float32Array, options: FindOptions): Promise<readonly { readonly id: string; readonly score: number }[]>;
  /** Of all documents, in no particular order. */
  ids(): Promise<string[]>;
  /** A document with a known id replaces the old one. An index made for fewer than 1,000 documents that grows fourfold is trained and encoded again. */
  add(documents: readonly D[], options?: ChangeOptions): Promise<void>;
  /** How many there were. */
  remove(ids: readonly string[], options?: ChangeOptions): Promise<number>;
  /** Leaves one segment, without the deleted documents. Happens bit by bit with `add` and `remove` too. */
  merge(options?: ChangeOptions): Promise<void>;
  /** Makes centroids and vectors anew from the texts that are kept. */
  retrain(options?: ChangeOptions): Promise<void>;
  /** Reads every file and checks it; rejects with `corrupt`, naming the first that is damaged. */
  verify(): Promise<void>;
  stats(): PlaidStats;
}
