import type { GroundednessModel, LegStatus, Passage, Reranker, RetrieveOptions, Retriever, Scored, Tokenizer } from '@resift/core';
import type { Generator } from './generator.ts';
import type { ParentOptions } from './parent.ts';
import type { QueryRewriter } from './rewrite.ts';
import type { SearchMemory } from './search-memory.ts';

/** A retriever that says what each of its legs did. */
export interface ReportingRetriever extends Retriever<Passage> {
  retrieveWithStatus(
    query: string,
    options: RetrieveOptions,
  ): Promise<{ readonly results: readonly Scored<Passage>[]; readonly legs: Readonly<Record<string, LegStatus>> }>;
}

export interface RagLimits {
  /** Passages that retrieval gives to the reranker. */
  readonly candidates: number;
  /** Passages that the generator is given, at most. */
  readonly topN: number;
  /** Tokens of those passages together, at most. */
  readonly contextTokens: number;
  /** Time for reranking, in milliseconds; after it the first-stage order is served. Default 800. */
  readonly rerankBudgetMs?: number | undefined;
  /** A passage whose calibrated probability is below this is not given to the generator. Default 0: none is left out. */
  readonly scoreFloor?: number | undefined;
}

/** What search needs. */
export interface SearchParts {
  readonly retriever: Retriever<Passage> | ReportingRetriever;
  /** Absent: first-stage order, and the status says `disabled`. */
  readonly reranker?: Reranker | undefined;
  /** The one that passages were indexed with: long titles are cut as they were there. Without it they are read whole, and vectors kept of them are not used. */
  readonly tokenizer?: Tokenizer | undefined;
  readonly limits: Pick<RagLimits, 'candidates' | 'rerankBudgetMs'>;
  /** Answers searches that were made before. Default: none is remembered. */
  readonly memory?: SearchMemory | undefined;
}

/** What an answer needs on top. */
export interface Rag extends SearchParts {
  readonly generator: Generator;
  readonly tokenizer: Tokenizer;
  readonly ground?: GroundednessModel | undefined;
  /** Makes a question that stands on its own out of a conversation. Default: `followUp()`. */
  readonly rewrite?: QueryRewriter | undefined;
  /** Lets the generator read the text around what was found. Default: the passages as they were found. */
  readonly parent?: ParentOptions | undefined;
  readonly limits: RagLimits;
}
