import type { Document, Grade } from './document.ts';
import { ResiftError } from './error.ts';
import type { Label, Scale } from './scale.ts';
import type { RankingStatus } from './status.ts';
import { addUsage, noUsage, type Usage } from './usage.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Most model input tokens this call may spend. Candidates it does not reach come back in `skipped`. */
  readonly tokenBudget?: number | undefined;
}

export interface RerankOptions extends CallOptions {
  /** Keep only the best k. Default: all. Nothing is dropped unless you ask. */
  readonly topK?: number | undefined;
}

/** What an implementer writes: a number for each text, in the order given. */
export interface Scorer<S extends Scale = Scale> {
  readonly id: string;
  readonly scale: S;
  /** `documents[i].text === texts[i]`; a scorer that keeps vectors or scores by id looks there. */
  score(query: string, texts: readonly string[], options: RerankOptions, documents: readonly Document[]): Promise<Scores>;
}

export interface Scores {
  /** `values[i]` belongs to `texts[i]`; higher is better; `undefined` means "not examined". */
  readonly values: readonly (number | undefined)[];
  readonly grades?: readonly (Grade | undefined)[] | undefined;
  readonly labels?: readonly (Label | undefined)[] | undefined;
  readonly usage?: Partial<Usage> | undefined;
  readonly cacheHits?: number | undefined;
}

/** What a caller uses. */
export interface Reranker<S extends Scale = Scale> {
  readonly id: string;
  readonly scale: S;
  rerank<D extends Document>(query: string, documents: readonly D[], options?: RerankOptions): Promise<Ranking<D, S>>;
}

export interface Ranking<D extends Document = Document, S extends Scale = Scale> {
  /** Best first. Equal scores keep their input order. */
  readonly items: readonly Ranked<D>[];
  /** Candidates without a score, in the best order known (first-stage order). Never mixed with `items`. */
  readonly skipped: readonly D[];
  readonly scale: S;
  readonly usage: Usage;
  readonly status: RankingStatus;
}

export interface Ranked<D extends Document = Document> {
  readonly document: D;
  /** Position in the input. */
  readonly index: number;
  readonly score: number;
  readonly grade?: Grade;
  readonly label?: Label;
}

/** Above this share of scores that are not finite, the whole answer is refused as `bad_output`. */
const MOST_INVALID = 0.1;

/** The one place where scores become a ranking: every law of `test/contracts/reranker.ts` is kept here. */
export function createReranker<S extends Scale>(scorer: Scorer<S>): Reranker<S> {
  const { id, scale } = scorer;

  return {
    id,
    scale,
    async rerank(query, documents, options = {}) {
      const { topK = documents?.length ?? 0, signal } = options;
      signal?.throwIfAborted();
      checkInput(query, documents, topK);
      if (documents.length === 0) return { items: [], skipped: [], scale, usage: noUsage, status: statusOf(0, 0, 0, 0) };

      const texts = documents.map((document) => document.text);
      const scores = await untilAborted(scorer.score(query, texts, options, documents), signal);
      if (scores.values.length !== texts.length) {
        throw new ResiftError('bad_output', `${id} gave ${scores.values.length} scores for ${texts.length} texts.`);
      }

      const { items, skipped, invalid } = sort(documents, scores);
      if (invalid > MOST_INVALID * documents.length) {
        throw new ResiftError('bad_output', `${id} gave ${invalid} of ${documents.length} scores that are not finite numbers.`, {
          details: { reason: 'invalid_scores', invalid, window: documents.length },
        });
      }
      return {
        items: items.slice(0, topK),
        skipped,
        scale,
        usage: addUsage(noUsage, scores.usage ?? {}),
        status: statusOf(documents.length, items.length, invalid, scores.cacheHits ?? 0),
      };
    },
  };
}

/** Throws `invalid_input` where a call of `rerank` is the caller's mistake. `createReranker` calls it; a wrapper that must not hide such a mistake does too. */
export function checkInput(query: unknown, documents: readonly Document[], topK: number = documents?.length ?? 0): void {
  if (typeof query !== 'string') throw new ResiftError('invalid_input', `Expected the query to be a string, got ${typeof query}.`);
  if (query.trim() === '')
    throw new ResiftError('invalid_input', 'The query is empty: expected at least one character that is not white space.');
  if (!Number.isInteger(topK) || topK < 0) {
    throw new ResiftError('invalid_input', `Expected \`topK\` to be a whole number of 0 or more, got ${topK}.`);
  }
  if (!Array.isArray(documents)) throw new ResiftError('invalid_input', `Expected \`documents\` to be an array, got ${typeof documents}.`);
  for (const [index, document] of documents.entries()) {
    if (typeof document?.text === 'string') continue;
    throw new ResiftError('invalid_input', `Expected documents[${index}].text to be a string, got ${typeof document?.text}.`);
  }
}

function sort<D extends Document>(documents: readonly D[], { values, grades, labels }: Scores) {
  const items: Ranked<D>[] = [];
  const skipped: D[] = [];
  let invalid = 0;

  documents.forEach((document, index) => {
    const score = values[index];
    if (score === undefined || !Number.isFinite(score)) {
      skipped.push(document);
      if (score !== undefined) invalid += 1;
      return;
    }
    const grade = grades?.[index];
    const label = labels?.[index];
    // `+ 0` turns -0 into 0.
    items.push({ document, index, score: score + 0, ...(grade !== undefined && { grade }), ...(label !== undefined && { label }) });
  });

  items.sort((a, b) => b.score - a.score); // stable, so equals keep their input order
  return { items, skipped, invalid };
}

function statusOf(window: number, scored: number, invalid: number, cacheHits: number): RankingStatus {
  return { status: scored === window ? 'applied' : scored === 0 ? 'skipped' : 'partial', window, scored, invalid, cacheHits };
}

/** Rejects with the signal's own reason as soon as it aborts, even where the work cannot be stopped. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
