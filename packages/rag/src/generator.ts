import type { ChatMessage, Tokenizer, Usage } from '@resift/core';
import type { Source } from './source.ts';

/** A stretch of the answer and the words of a source that carry it. All offsets are UTF-16 code units. */
export interface Citation {
  /** The id of one of the sources. */
  readonly source: string;
  /** `[start, end)` in the answer. */
  readonly start: number;
  readonly end: number;
  /** `[quoteStart, quoteEnd)` in the text of the source's document, which reads exactly `quote` there. */
  readonly quote: string;
  readonly quoteStart: number;
  readonly quoteEnd: number;
}

export interface GenerateInput {
  /** The question, standing on its own (after any rewrite). */
  readonly question: string;
  /** The conversation as it was sent; the last message is the user's. */
  readonly messages: readonly ChatMessage[];
  /** The packed passages, in the order the generator shall see them. */
  readonly sources: readonly Source[];
  readonly tokenizer: Tokenizer;
  /** Sentences of an earlier attempt that no source supports; given when the pipeline asks again. */
  readonly unsupported?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A piece of generation. Citations index the text generated so far, `text` of the same part included. */
export interface GeneratedPart {
  readonly text?: string | undefined;
  readonly citation?: Citation | undefined;
  /** The sources hold no answer, and the text says so. */
  readonly abstained?: boolean | undefined;
  /** Citation marks that named no source; they are not in the text. */
  readonly forgedCitations?: number | undefined;
  readonly usage?: Partial<Usage> | undefined;
}

/** Writes an answer from sources. It has no tools, no network of its own and no memory beyond its input. */
export interface Generator {
  readonly id: string;
  /** Most tokens of sources that one call can take. Default: no limit of its own. */
  readonly contextTokens?: number | undefined;
  /** Whether a second attempt can differ from the first. Default: false. */
  readonly retryable?: boolean | undefined;
  generate(input: GenerateInput): AsyncIterable<GeneratedPart>;
}
