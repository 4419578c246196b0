import { type Document, type Ranked, type Ranking, type Reranker, type RerankOptions, ResiftError } from '@resift/core';
import { failOpen } from '../fail-open.ts';
import { fieldText } from '../field-text.ts';

/** What every framework adapter takes. `T` is the framework's own document. */
export interface AdapterOptions<T> {
  readonly reranker: Reranker;
  /** Keep only the best n. It cuts last: scored documents first, then those without a score. Default: all. */
  readonly topN?: number | undefined;
  /** Where the reranker fails: `keep-order` (default) gives the documents in the order they came, without new scores; `throw` rejects. */
  readonly onFailure?: 'keep-order' | 'throw' | undefined;
  /** Most milliseconds for one call, with `keep-order`. Default: as long as it takes. */
  readonly budgetMs?: number | undefined;
  /** The text to score. Default: the content, behind the lines of `fields`. */
  readonly text?: ((document: T) => string) | undefined;
  /** Metadata fields to put before the content, each as a line `name: value`; a dot reaches inside. Default: none. */
  readonly fields?: readonly string[] | undefined;
}

/** A framework's document on its way through a reranker. */
export interface Carried<T> extends Document {
  readonly index: number;
  readonly original: T;
}

export interface Adapter<T> {
  rerank(query: string, documents: readonly Carried<T>[], options?: RerankOptions): Promise<Ranking<Carried<T>>>;
  /** Scored documents first, then those without a score, cut to `topN`. `ranked` is missing where there is no score. */
  arrange(ranking: Ranking<Carried<T>>): { readonly carried: Carried<T>; readonly ranked?: Ranked<Carried<T>> }[];
  textOf(document: T, content: string, metadata: Readonly<Record<string, unknown>>): string;
}

export function adapter<T>({ reranker, topN, onFailure = 'keep-order', budgetMs, text, fields = [] }: AdapterOptions<T>): Adapter<T> {
  if (typeof reranker?.rerank !== 'function') {
    throw new ResiftError(
      'invalid_config',
      'Expected `reranker` to be a reranker, for example `await localReranker()` of the package resift.',
    );
  }
  if (topN !== undefined && (!Number.isInteger(topN) || topN < 0)) {
    throw new ResiftError('invalid_config', `Expected \`topN\` to be a whole number of 0 or more, got ${topN}.`);
  }
  const safe = onFailure === 'throw' ? reranker : failOpen(reranker, { budgetMs });

  return {
    rerank: (query, documents, options) => safe.rerank(query, documents, options),
    arrange({ items, skipped }) {
      const scored = items.map((item) => ({ carried: item.document, ranked: item }));
      return [...scored, ...skipped.map((carried) => ({ carried }))].slice(0, topN);
    },
    textOf(document, content, metadata) {
      if (text) return text(document);
      const lines = fields.length > 0 ? fieldText(metadata, fields) : '';
      return lines === '' ? content : `${lines}\n${content}`;
    },
  };
}
