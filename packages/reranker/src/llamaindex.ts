import { type RankingStatus, ResiftError } from '@resift/core';
import { type Adapter, type AdapterOptions, adapter } from './internal/adapter.ts';

/** The parts of LlamaIndex.TS's `NodeWithScore` that are used here; its packages are not imported, so none needs to be installed. */
interface NodeLike {
  readonly node: { readonly id_: string; readonly metadata: Readonly<Record<string, unknown>>; getContent(mode: never): string };
  readonly score?: number | undefined;
}

/** LlamaIndex.TS's `MessageContent`: a string, or parts of which those of type `text` count. */
type Query = string | readonly { readonly type: string; readonly text?: string }[];

export interface ResiftPostprocessorOptions<N> extends AdapterOptions<N> {
  /**
   * The content to score where `text` is not given: `none` (default) without metadata, `all` as LlamaIndex writes it for every reader, `llm` or `embed` as for those.
   */
  readonly metadata?: 'none' | 'all' | 'llm' | 'embed' | undefined;
  /** Aborts every call of this postprocessor: LlamaIndex passes no signal. */
  readonly signal?: AbortSignal | undefined;
  /** Told what became of each call: LlamaIndex has no event for it. */
  readonly onStatus?: ((status: RankingStatus) => void) | undefined;
}

/**
 * A reranker where LlamaIndex.TS expects a node postprocessor. Gives new `{ node, score }` objects around the same nodes, and writes nothing into a node.
 * Without a query there is nothing to rank by: the nodes come back as they were, or with `onFailure: 'throw'` it rejects.
 */
export class ResiftPostprocessor<N extends NodeLike = NodeLike> {
  readonly #options: ResiftPostprocessorOptions<N>;
  readonly #adapter: Adapter<N>;

  constructor(options: ResiftPostprocessorOptions<N>) {
    this.#options = options;
    this.#adapter = adapter(options);
  }

  async postprocessNodes<M extends N>(nodes: M[], query?: Query): Promise<M[]> {
    const { signal, onStatus, onFailure, topN } = this.#options;
    if (query === undefined) {
      if (onFailure === 'throw')
        throw new ResiftError('invalid_input', 'Expected a query to rank the nodes by, got none: pass it to postprocessNodes.');
      onStatus?.({ status: 'skipped', reason: 'rule', window: 0, scored: 0, invalid: 0, cacheHits: 0 });
      return nodes.slice(0, topN).map((node) => ({ ...node }));
    }

    const ranking = await this.#adapter.rerank(textOf(query), this.#carry(nodes), { signal });
    onStatus?.(ranking.status);
    const anyScore = ranking.status.scored > 0;
    return this.#adapter.arrange(ranking).map(({ carried, ranked }) => {
      const { score, ...rest } = nodes[carried.index]!;
      // The first stage's score stays only where it is the only one: two kinds of score never stand in one list.
      const kept = anyScore || score === undefined ? {} : { score };
      return { ...rest, ...(ranked ? { score: ranked.score } : kept) } as M;
    });
  }

  #carry(nodes: readonly N[]) {
    const mode = (this.#options.metadata ?? 'none').toUpperCase() as never;
    return nodes.map((original, index) => {
      const { node } = original;
      return { id: node.id_, text: this.#adapter.textOf(original, node.getContent(mode), node.metadata ?? {}), index, original };
    });
  }
}

function textOf(query: Query): string {
  if (!Array.isArray(query)) return query as string;
  return query.flatMap(({ type, text }) => (type === 'text' && text ? [text] : [])).join('\n\n');
}
