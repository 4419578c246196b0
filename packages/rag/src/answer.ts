import { addUsage, type ChatMessage, noUsage, type Usage } from '@resift/core';
import { checkGroundedness, type Groundedness } from './check-groundedness.ts';
import { type Packed, type PackingOrder, packContext } from './context.ts';
import { checkConversation } from './conversation.ts';
import { type Draft, draft } from './draft.ts';
import type { Citation, GenerateInput } from './generator.ts';
import { expandToParents } from './parent.ts';
import { NO_ANSWER } from './prompts.ts';
import type { Rag } from './rag.ts';
import type { RerankInfo } from './rerank-candidates.ts';
import type { RetrievalStatus } from './retrieve-candidates.ts';
import { followUp, type Rewritten } from './rewrite.ts';
import type { Blocked } from './safe-links.ts';
import { type SearchOptions, search } from './search.ts';
import type { Source } from './source.ts';
import { spannedSteps } from './spans.ts';
import { stopwatch } from './stopwatch.ts';
import { supportedPart } from './supported-part.ts';

export interface AnswerOptions extends Omit<SearchOptions, 'topK'> {
  /** Overrides `limits.topN`. */
  readonly topN?: number | undefined;
  /** Default `best-first`. */
  readonly order?: PackingOrder | undefined;
  /**
   * What becomes of sentences that the sources do not support, where the `Rag` has a groundedness model. `flag` (default) reports
   * them; `drop` removes them; `retry` lets a generator that can differ try once more and then drops. The last two send no text
   * before it is checked.
   */
  readonly onUngrounded?: 'flag' | 'drop' | 'retry' | undefined;
  /** Hosts whose plain https addresses may appear though no source holds them. Default: none. */
  readonly linkHosts?: readonly string[] | undefined;
}

export interface AnswerTimings {
  readonly rewriteMs: number;
  readonly retrieveMs: number;
  readonly rerankMs: number;
  /** Until the first piece of text could be shown, from the start; absent where there was none before the end. */
  readonly firstTextMs?: number;
  readonly generateMs: number;
  readonly groundMs: number;
  readonly totalMs: number;
}

export type AnswerEvent =
  | {
      readonly type: 'sources';
      /** What was searched for: the question, standing on its own. */
      readonly query: string;
      /** Exactly what the generator is given, in that order. */
      readonly sources: readonly Source[];
      readonly rerank: RerankInfo;
      readonly retrieval: RetrievalStatus;
      readonly context: Pick<Packed, 'tokens' | 'leftOut'>;
    }
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'citation'; readonly citation: Citation }
  | {
      readonly type: 'done';
      /** All deltas together; never empty. */
      readonly answer: string;
      readonly abstained: boolean;
      readonly citations: readonly Citation[];
      readonly groundedness?: Groundedness;
      readonly rejectedCitations: number;
      readonly blocked: Readonly<Blocked>;
      readonly usage: Usage;
      readonly timings: AnswerTimings;
    };

/**
 * One question, from retrieval to the last token; there is no other pipeline. Ends with `done` or rejects: with the signal's
 * reason where the caller aborts, with the generator's or the retriever's error where they fail. A reranker never fails it.
 */
export async function* answer(messages: readonly ChatMessage[], rag: Rag, options: AnswerOptions = {}): AsyncGenerator<AnswerEvent> {
  const total = stopwatch();
  const { signal } = options;
  checkConversation(messages);
  signal?.throwIfAborted();

  const { query, usage: rewriteUsage } = await standalone(messages, rag, signal);
  const rewriteMs = total();
  const { results, rerank, retrieval, usage: searchUsage, timings } = await search(query, rag, { ...options, topK: undefined });
  const topN = options.topN ?? rag.limits.topN;
  // Twice as many as are taken: some are left out as repeated or too long.
  const read = rag.parent ? await expandToParents(results, rag.parent, 2 * topN, rag.tokenizer, signal) : results;
  const { sources, tokens, leftOut } = packContext(read, rag.tokenizer, {
    topN,
    contextTokens: Math.min(rag.limits.contextTokens, rag.generator.contextTokens ?? Number.POSITIVE_INFINITY),
    scoreFloor: rerank.scored > 0 ? rag.limits.scoreFloor : undefined,
    order: options.order,
  });
  yield { type: 'sources', query, sources, rerank, retrieval, context: { tokens, leftOut } };

  const generating = stopwatch();
  const input: GenerateInput = { question: query, messages, sources, tokenizer: rag.tokenizer, signal };
  const checked = rag.ground && (options.onUngrounded ?? 'flag') !== 'flag';
  let firstTextMs: number | undefined;
  let written: Written = { ...NOTHING, abstained: true };
  if (sources.length > 0) {
    const writing = checked ? checkedAnswer(input, rag, options) : flaggedAnswer(input, rag, options);
    try {
      for (;;) {
        const next = await writing.next();
        if (next.done) {
          written = next.value;
          break;
        }
        if (next.value.type === 'delta') firstTextMs ??= total();
        yield next.value;
      }
    } finally {
      // A caller that stops listening stops the generator.
      await writing.return(NOTHING);
    }
  }
  if (written.answer.trim() === '') {
    yield { type: 'delta', text: NO_ANSWER };
    written = { ...written, answer: written.answer + NO_ANSWER, abstained: true };
  }

  const { groundMs, usage, ...rest } = written;
  yield {
    type: 'done',
    ...rest,
    usage: [rewriteUsage, usage].reduce<Usage>(addUsage, searchUsage),
    timings: {
      rewriteMs,
      retrieveMs: timings.retrieveMs,
      rerankMs: timings.rerankMs,
      ...(firstTextMs !== undefined && { firstTextMs }),
      generateMs: generating() - groundMs,
      groundMs,
      totalMs: total(),
    },
  };
}

/** A rewriter that fails costs nothing but its help: the question is searched for as it is. */
async function standalone(messages: readonly ChatMessage[], rag: Rag, signal: AbortSignal | undefined): Promise<Rewritten> {
  const question = messages.at(-1)!.content.trim();
  try {
    const rewritten = await (rag.rewrite ?? followUp())(messages, { signal });
    return rewritten.query.trim() === '' ? { ...rewritten, query: question } : rewritten;
  } catch {
    signal?.throwIfAborted();
    return { query: question, usage: noUsage };
  }
}

interface Written extends Draft {
  readonly groundedness?: Groundedness;
  readonly groundMs: number;
}

const NOTHING: Written = {
  answer: '',
  citations: [],
  abstained: false,
  rejectedCitations: 0,
  blocked: { urls: 0, images: 0, tags: 0 },
  usage: noUsage,
  groundMs: 0,
};

type Writing = AsyncGenerator<Extract<AnswerEvent, { type: 'delta' | 'citation' }>, Written>;

/** Streams as the generator writes, and checks afterwards. */
async function* flaggedAnswer(input: GenerateInput, { generator, ground }: Rag, { linkHosts }: AnswerOptions): Writing {
  const found = yield* drafting(generator, input, linkHosts);
  if (!ground || found.abstained || found.answer.trim() === '') return { ...found, groundMs: 0 };
  const watch = stopwatch();
  const { groundedness, usage } = await checkGroundedness(found.answer, input.sources, ground, input.signal);
  return { ...found, groundedness, usage: addUsage(found.usage, usage), groundMs: watch() };
}

/** Writes, checks, perhaps writes again, and sends only what is supported. Where the check fails, the answer is sent and says so. */
async function* checkedAnswer(input: GenerateInput, { generator, ground }: Rag, { linkHosts, onUngrounded }: AnswerOptions): Writing {
  let usage = noUsage;
  let groundMs = 0;
  let unsupported: readonly string[] | undefined;
  const attempts = onUngrounded === 'retry' && generator.retryable ? 2 : 1;
  for (let attempt = 1; ; attempt++) {
    const found = await finished(drafting(generator, { ...input, unsupported }, linkHosts));
    usage = addUsage(usage, found.usage);
    if (found.abstained || found.answer.trim() === '') {
      if (found.answer !== '') yield { type: 'delta', text: found.answer };
      return { ...found, usage, groundMs };
    }

    const watch = stopwatch();
    const { groundedness, usage: spent } = await checkGroundedness(found.answer, input.sources, ground!, input.signal);
    usage = addUsage(usage, spent);
    groundMs += watch();
    const bad = groundedness.sentences.filter(({ supported }) => !supported);
    if (bad.length > 0 && attempt < attempts) {
      unsupported = bad.map(({ start, end }) => found.answer.slice(start, end));
      continue;
    }
    const kept = bad.length > 0 ? supportedPart(found.answer, found.citations, groundedness.sentences) : found;
    if (kept.answer !== '') yield { type: 'delta', text: kept.answer };
    for (const citation of kept.citations) yield { type: 'citation', citation };
    return { ...found, answer: kept.answer, citations: kept.citations, groundedness, usage, groundMs };
  }
}

function drafting(generator: Rag['generator'], input: GenerateInput, linkHosts: AnswerOptions['linkHosts']): ReturnType<typeof draft> {
  return spannedSteps(
    'resift.generate',
    { 'resift.generator': generator.id, 'resift.sources': input.sources.length },
    draft(generator, input, linkHosts),
    ({ abstained, citations, rejectedCitations, usage }) => ({
      'resift.abstained': abstained,
      'resift.citations': citations.length,
      'resift.citations_rejected': rejectedCitations,
      'resift.input_tokens': usage.inputTokens,
      'resift.output_tokens': usage.outputTokens,
    }),
  );
}

async function finished<R>(steps: AsyncGenerator<unknown, R>): Promise<R> {
  for (;;) {
    const next = await steps.next();
    if (next.done) return next.value;
  }
}
