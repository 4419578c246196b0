import {
  addUsage,
  checkInput,
  type Document,
  isResiftError,
  noUsage,
  type Ranked,
  type Ranking,
  type RankingStatus,
  type Reranker,
  type RerankOptions,
  type RerankReason,
  type StoredEncodings,
  type TextEncoding,
} from '@resift/core';

export interface StoredFirst {
  /** Where a collection keeps the encodings of its passages. */
  readonly lookup: StoredEncodings;
  /** The reranker that scores from them (`Models.storedReranker`). */
  readonly stored: (stored: StoredEncodings) => Reranker<'probability'>;
  /** Scores the passages that have none kept. */
  readonly otherwise: Reranker<'probability'>;
  /** Told why a lookup failed; its passages are then read afresh. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/**
 * Candidates with kept encodings are scored from those, which takes milliseconds and changes no score; the rest by `otherwise`, if there is any. Where the rest is too late or
 * refused, it is skipped (`partial`) and what was scored stays. Both give probabilities, which are comparable.
 */
export function storedFirst({ lookup, stored, otherwise, onFailure }: StoredFirst): Reranker<'probability'> {
  const { id } = stored(async (documents) => documents.map(() => undefined));

  return {
    id: id === otherwise.id ? id : `stored(${id}, ${otherwise.id})`,
    scale: 'probability',
    async rerank<D extends Document>(
      query: string,
      documents: readonly D[],
      options: RerankOptions = {},
    ): Promise<Ranking<D, 'probability'>> {
      const { topK, signal, tokenBudget } = options;
      signal?.throwIfAborted();
      checkInput(query, documents, topK);
      const encodings = await find(lookup, documents, signal, onFailure);
      const known = documents.flatMap((_, index) => (encodings[index] ? [index] : []));
      if (known.length === 0) return otherwise.rerank(query, documents, options);
      const kept = new Map<Document, TextEncoding>(known.map((index) => [documents[index]!, encodings[index]!]));
      const reranker = stored(async (asked) => asked.map((document) => kept.get(document)));
      if (known.length === documents.length) return reranker.rerank(query, documents, options);

      const first = await reranker.rerank(query, pick(documents, known), { signal, tokenBudget });
      const rest = documents.flatMap((_, index) => (encodings[index] ? [] : [index]));
      const left = tokenBudget === undefined ? undefined : Math.max(0, tokenBudget - first.usage.inputTokens);
      const second = await otherwise
        .rerank(query, pick(documents, rest), { signal, tokenBudget: left })
        .catch((error: unknown) => unread(pick(documents, rest), error, signal));
      const items = [...placed(first, known), ...placed(second, rest)].sort((a, b) => b.score - a.score || a.index - b.index);
      return {
        items: items.slice(0, topK),
        skipped: [...first.skipped, ...second.skipped],
        scale: 'probability',
        usage: addUsage(first.usage, second.usage),
        status: statusOf(first.status, second.status),
      };
    },
  };
}

async function find(
  lookup: StoredEncodings,
  documents: readonly Document[],
  signal: AbortSignal | undefined,
  onFailure: StoredFirst['onFailure'],
): Promise<readonly (TextEncoding | undefined)[]> {
  try {
    return await lookup(documents, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    onFailure?.(error);
    return [];
  }
}

const pick = <D>(documents: readonly D[], indexes: readonly number[]): D[] => indexes.map((index) => documents[index]!);

const placed = <D extends Document>({ items }: Ranking<D>, indexes: readonly number[]): Ranked<D>[] =>
  items.map((item) => ({ ...item, index: indexes[item.index]! }));

const REASONS: Readonly<Record<string, RerankReason>> = { timeout: 'deadline', overloaded: 'overloaded', unavailable: 'unavailable' };

function unread<D extends Document>(documents: readonly D[], error: unknown, signal: AbortSignal | undefined): Ranking<D, 'probability'> {
  const reason = isResiftError(error) ? REASONS[error.code] : undefined;
  if (reason === undefined || signal?.aborted) throw error;
  const status: RankingStatus = { status: 'skipped', reason, window: documents.length, scored: 0, invalid: 0, cacheHits: 0 };
  return { items: [], skipped: documents, scale: 'probability', usage: noUsage, status };
}

function statusOf(first: RankingStatus, second: RankingStatus): RankingStatus {
  const [window, scored] = [first.window + second.window, first.scored + second.scored];
  const status = scored === window ? 'applied' : scored > 0 ? 'partial' : 'skipped';
  const reason = status === 'applied' ? undefined : (first.reason ?? second.reason);
  const [invalid, cacheHits] = [first.invalid + second.invalid, first.cacheHits + second.cacheHits];
  return { status, ...(reason && { reason }), window, scored, invalid, cacheHits };
}
