import {
  addUsage,
  type ErrorCode,
  isResiftError,
  noUsage,
  type Passage,
  passageText,
  type Ranking,
  type RankingStatus,
  type Reranker,
  type RerankReason,
  ResiftError,
  type Scored,
  type Tokenizer,
  type Usage,
  untilAborted,
} from '@resift/core';
import { degradedReason } from './degraded-reason.ts';
import type { Source } from './source.ts';
import { stopwatch } from './stopwatch.ts';

/** What became of reranking in this request; it travels to the response, its header and the metrics. */
export interface RerankInfo extends RankingStatus {
  /** The reranker's id; `none` where there is none. */
  readonly reranker: string;
  readonly budgetMs: number;
  readonly elapsedMs: number;
}

export interface Reranked {
  readonly sources: Source[];
  readonly rerank: RerankInfo;
  readonly usage: Usage;
}

export interface RerankLimits {
  readonly budgetMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Cuts long titles as indexing did. */
  readonly tokenizer?: Tokenizer | undefined;
}

/** A reranker with a deadline of its own answers in part at the budget; only one that hangs meets the guard behind it. */
const GUARD_MS = 100;
/** A caller's mistake or a wrong setup, served as bad luck, would never be found. */
const CLOSED: ReadonlySet<ErrorCode> = new Set(['invalid_input', 'input_too_long', 'invalid_config', 'not_found', 'corrupt']);
/** Above this share of scores that are not finite, none of them is believed. */
const MOST_INVALID = 0.1;

/**
 * Puts the candidates in the reranker's order. It never fails a request: where the reranker throws, hangs or answers
 * nonsense, the first-stage order comes back and the status says why. Only the caller's own abort, invalid input and a wrong setup reject.
 */
export async function rerankCandidates(
  query: string,
  candidates: readonly Scored<Passage>[],
  reranker: Reranker | undefined,
  { budgetMs, signal, tokenizer }: RerankLimits,
): Promise<Reranked> {
  const elapsed = stopwatch();
  const base = { reranker: reranker?.id ?? 'none', budgetMs };
  const none = { window: candidates.length, scored: 0, invalid: 0, cacheHits: 0 };
  const unranked = (status: RankingStatus, usage: Usage): Reranked => ({
    sources: firstStageOrder(candidates),
    rerank: { ...status, ...base, elapsedMs: elapsed() },
    usage,
  });
  if (!reranker) return unranked({ ...none, status: 'disabled' }, noUsage);

  signal?.throwIfAborted();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(DEADLINE), budgetMs + GUARD_MS);
  const both = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
  try {
    // A passage is judged with its document's title, as it was indexed: the title often says what the text is about.
    const documents = candidates.map(({ document }) =>
      document.title ? { ...document, text: passageText(document, tokenizer) } : document,
    );
    const ranking = await untilAborted(reranker.rerank(query, documents, { signal: both }), both);
    if (ranking.items.length === 0) {
      if (candidates.length > 0 && ranking.status.status === 'applied') {
        throw new ResiftError('bad_output', `${base.reranker} says that it applied and scored none of ${candidates.length} candidates.`);
      }
      return unranked({ ...none, ...ranking.status, scored: 0 }, addUsage(noUsage, ranking.usage));
    }
    return { ...order(candidates, ranking, base, elapsed), usage: addUsage(noUsage, ranking.usage) };
  } catch (error) {
    signal?.throwIfAborted();
    if (isResiftError(error) && CLOSED.has(error.code)) throw error;
    const reason: RerankReason = error === DEADLINE ? 'deadline' : degradedReason(error);
    return unranked({ ...none, status: 'degraded', reason }, noUsage);
  } finally {
    clearTimeout(timer);
  }
}

const DEADLINE = new Error('The budget for reranking ran out.');

function firstStageOrder(candidates: readonly Scored<Passage>[]): Source[] {
  return candidates.map(({ document, score }, index) => ({ ...unscored(document, score, index), score, scale: 'first_stage' }));
}

function unscored(document: Passage, score: number, index: number): Omit<Source, 'scale'> {
  return { id: document.id, documentId: document.documentId, passage: document, firstStage: { rank: index + 1, score } };
}

/** Believes nothing that it can check: positions in range and once each, scores finite; what is missing follows unscored. */
function order(
  candidates: readonly Scored<Passage>[],
  ranking: Ranking<Passage>,
  base: Pick<RerankInfo, 'reranker' | 'budgetMs'>,
  elapsed: () => number,
): Pick<Reranked, 'sources' | 'rerank'> {
  const scored: { index: number; source: Source }[] = [];
  const seen = new Set<number>();
  let invalid = ranking.status.invalid;
  for (const { index, score, label } of ranking.items) {
    const candidate = candidates[index];
    if (!candidate || seen.has(index)) {
      throw new ResiftError('bad_output', `${base.reranker} named position ${index} of ${candidates.length} twice or out of range.`);
    }
    seen.add(index);
    if (!Number.isFinite(score)) {
      invalid += 1;
      continue;
    }
    const known = unscored(candidate.document, candidate.score, index);
    scored.push({ index, source: { ...known, score: score + 0, scale: ranking.scale, ...(label !== undefined && { label }) } });
  }
  if (invalid > MOST_INVALID * candidates.length) {
    throw new ResiftError('bad_output', `${base.reranker} gave ${invalid} of ${candidates.length} scores that are not finite numbers.`, {
      details: { reason: 'invalid_scores' },
    });
  }

  // Equal scores keep their first-stage order whatever order the reranker gave them.
  scored.sort((a, b) => b.source.score! - a.source.score! || a.index - b.index);
  const done = new Set(scored.map(({ index }) => index));
  // The reranker's own order of what it skipped (a cascade knows a better one), then whatever it forgot.
  const positions = new Map(candidates.map(({ document }, index) => [document, index]));
  const skipped = ranking.skipped.flatMap((document) => positions.get(document) ?? []);
  const rest = new Set([...skipped, ...candidates.keys()].filter((index) => !done.has(index)));
  const tail = [...rest].map((index) => ({
    ...unscored(candidates[index]!.document, candidates[index]!.score, index),
    scale: ranking.scale,
  }));
  const { status, reason, cacheHits } = ranking.status;
  return {
    sources: [...scored.map(({ source }) => source), ...tail],
    rerank: {
      status: status === 'applied' && tail.length > 0 ? 'partial' : status,
      ...(reason !== undefined && { reason }),
      window: candidates.length,
      scored: scored.length,
      invalid,
      cacheHits,
      ...base,
      elapsedMs: elapsed(),
    },
  };
}
