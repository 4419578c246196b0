import type { Document } from './document.ts';

/** Every named field must equal the value, or one of the values. */
export type Filter = Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>;

export interface RetrieveOptions {
  readonly topK: number;
  readonly filter?: Filter | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Finds candidates. The score is on the retriever's own scale; only its order is used further on. */
export interface Retriever<D extends Document = Document> {
  readonly id: string;
  /** Best first. Ids are unique in one answer. */
  retrieve(query: string, options: RetrieveOptions): Promise<readonly Scored<D>[]>;
}

export interface Scored<D extends Document = Document> {
  readonly document: D;
  readonly score: number;
}

/** What one leg of a retrieval did, for the caller to see: `ok`, or why it is missing. */
export interface LegStatus {
  readonly status: 'ok' | 'failed';
  readonly found: number;
  readonly elapsedMs: number;
  readonly reason?: string;
}
