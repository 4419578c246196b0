import type { Closable, GroundednessModel, Reranker, StoredEncodings, Tokenizer } from '@resift/core';
import type { Generator } from '@resift/rag';
import type { Store } from '@resift/retrieval/stores/store';

/** Everything that the routes need from below. `open-app.ts` composes the real one, a test passes fakes. */
export interface Services extends Closable {
  /** The store of one tenant, in a directory of its own; opened at the first call and kept. */
  store(tenant: string): Promise<Store>;
  /** What the rerank endpoints offer and `rerank: "<name>"` may name: `resift-mini`, `resift-tiny`, `resift-cascade`, configured ones. */
  readonly rerankers: ReadonlyMap<string, NamedReranker>;
  /** What `preset` may name: `fast`, `balanced`, `quality`, … */
  readonly presets: ReadonlyMap<string, Preset>;
  /** The same for one tenant, whose scores are kept for its next question. Without it the ones above serve everybody. */
  readonly rankers?: ((tenant: string) => Rankers) | undefined;
  readonly extractive: Generator;
  /** Where a chat model is configured. It is then the default generator. */
  readonly chat?: Generator | undefined;
  readonly tokenizer: Tokenizer;
  readonly ground?: GroundednessModel | undefined;
  /** Loads every model into its workers, so that the first question is as fast as the next. Rejects with the first failure. */
  warm(): Promise<void>;
  readiness(): Promise<Readiness>;
}

export type Rankers = Pick<Services, 'rerankers' | 'presets'>;

export interface NamedReranker {
  /** Its scores are probabilities, as Cohere, Jina and TEI clients expect. Every document gets one. */
  readonly reranker: Reranker<'probability'>;
  /** The same ranking before calibration, for TEI's `raw_scores`. */
  readonly raw?: Reranker | undefined;
  /** The same scores, from encodings that a store keeps. */
  readonly stored?: OverStored | undefined;
}

export type OverStored = (stored: StoredEncodings) => Reranker<'probability'>;

export interface Preset {
  readonly reranker: Reranker;
  /** Ranks candidates whose encodings a store keeps; `reranker` is for the others. */
  readonly stored?: OverStored | undefined;
  readonly budgetMs: number;
  /** Score so many candidates at a time and keep what was done at the deadline (`partial`). Only for rerankers that score each text alone. */
  readonly slice?: number | undefined;
}

export interface Readiness {
  readonly ready: boolean;
  /** By name: the models and the store, each with what it is doing or why it is not ready. */
  readonly parts: Readonly<
    Record<string, { readonly status: 'ready' | 'loading' | 'degraded' | 'failed'; readonly reason?: string; readonly id?: string }>
  >;
}
