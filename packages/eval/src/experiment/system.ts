import type { Usage } from '@resift/core';
import type { Question } from './data-set.ts';

export interface Outcome {
  /** Document ids, best first, each once. */
  readonly ranked: readonly string[];
  /** The passages that the generator was given, in that order. */
  readonly contexts?: readonly { readonly documentId: string; readonly text: string }[];
  readonly answer?: OutcomeAnswer;
  /** Why this is not what the system is meant to do: the reason of a reranker that failed, the name of a leg that was missing. */
  readonly degraded?: string;
  /** Milliseconds of each stage by the clock; `cpu`, where it was taken, is the processor time of all of them and no stage. */
  readonly stages: Readonly<Record<string, number>>;
  readonly usage?: Partial<Usage>;
}

export interface OutcomeAnswer {
  readonly text: string;
  readonly abstained: boolean;
  readonly citations?: readonly { readonly start: number; readonly end: number; readonly text: string }[];
}

export interface AskOptions {
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** A configuration under test. */
export interface System {
  /** Unique in an experiment: `bm25 + cascade, top 3`. */
  readonly id: string;
  /** Everything that decides its outcomes (models with hashes, sizes, prompts). Outcomes are cached under it: change what it does, change this. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Whether another seed can give another outcome. Default false: one seed is run. */
  readonly seeded?: boolean | undefined;
  /** The id of the system that this one is compared with. Default: the experiment's baseline. */
  readonly against?: string | undefined;
  ask(question: Question, options: AskOptions): Promise<Outcome>;
}
