import { type Document, isResiftError, type Ranking, ResiftError } from '@resift/core';
import { withDeadline } from '@resift/reranker/deadline';
import type { Context } from 'hono';
import type { AppEnv } from './app-env.ts';
import type { AppParts } from './app-parts.ts';
import { named } from './named.ts';
import { checkQuestion } from './usable-text.ts';

export interface RerankCall {
  /** Default: `resift-mini`. */
  readonly model?: string | null | undefined;
  readonly query: string;
  readonly texts: readonly string[];
  /** What the endpoint calls its list of documents, for errors. */
  readonly field: string;
  /** Longer documents are cut to so many tokens before they are read. */
  readonly maxTokensPerDocument?: number | undefined;
  /** Scores before calibration, where the model has them. */
  readonly raw?: boolean | null | undefined;
}

export interface RerankOutcome {
  readonly model: string;
  readonly ranking: Ranking<Document>;
  /** Documents that were cut to `maxTokensPerDocument`. */
  readonly cut: number;
}

const DEFAULT_MODEL = 'resift-mini';

/** Scores every document, or throws: a rerank endpoint never fails open. */
export async function rerankAll(c: Context<AppEnv>, parts: AppParts, call: RerankCall): Promise<RerankOutcome> {
  const { services, config, admission, rates } = parts;
  const { limits } = config;
  const { work, tenant, metrics } = c.var;
  const { query, texts, field } = call;
  const { rerankers } = services.rankers?.(tenant) ?? services;
  const model = call.model ?? (rerankers.has(DEFAULT_MODEL) ? DEFAULT_MODEL : [...rerankers.keys()][0]!);
  const { reranker: calibrated, raw } = named(rerankers, model, { kind: 'reranker', field: 'model' });
  const reranker = call.raw && raw ? raw : calibrated;
  checkQuestion(query, 'query', limits);
  if (texts.length > limits.rerankDocuments) {
    throw new ResiftError('input_too_long', `expected at most ${limits.rerankDocuments} documents, got ${texts.length}`, {
      details: { field, limit: limits.rerankDocuments },
    });
  }
  await rates.take(tenant, 'pairs', texts.length);

  let cut = 0;
  const most = call.maxTokensPerDocument;
  const documents = texts.map((text, index) => {
    const kept = most === undefined || text.length <= most ? text : services.tokenizer.truncate(text, most);
    if (kept.length < text.length) cut += 1;
    return { id: String(index), text: kept };
  });
  try {
    const ranking = await admission.run(documents.length, { waitMs: limits.queueMs, signal: work.signal }, (waitedMs) =>
      withDeadline(reranker, Math.max(1, limits.rerankMs - waitedMs)).rerank(query, documents, { signal: work.signal }),
    );
    if (ranking.items.length !== documents.length) throw notAll(ranking, documents.length);
    metrics.reranks.inc({ status: 'applied', reason: '' });
    metrics.pairs.inc({ source: 'model' }, ranking.status.scored - ranking.status.cacheHits);
    metrics.pairs.inc({ source: 'cache' }, ranking.status.cacheHits);
    c.header('rerank-status', 'applied');
    rates.charge(tenant, 'tokens', ranking.usage.inputTokens);
    return { model, ranking, cut };
  } catch (error) {
    metrics.reranks.inc({ status: 'failed', reason: isResiftError(error) ? error.code : 'internal' });
    // What a model answered wrongly is, for this caller, a model that is not available.
    if (isResiftError(error, 'bad_output')) throw new ResiftError('unavailable', error.message, { cause: error, details: error.details });
    if (isResiftError(error) || work.signal.aborted) throw error;
    throw new ResiftError('unavailable', `The reranker ${model} failed. Try again.`, { cause: error });
  }
}

const notAll = ({ items, status }: Ranking, wanted: number) =>
  new ResiftError('unavailable', `Only ${items.length} of ${wanted} documents could be scored. Try again, or send fewer.`, {
    details: { reason: status.reason ?? 'unavailable' },
  });
