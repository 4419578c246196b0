/** The parts of the API's answers that the page reads; `/openapi.json` has the whole. */
export interface Passage {
  readonly id: string;
  readonly document_id: string;
  readonly text: string;
  readonly title?: string;
  readonly score?: number;
  readonly scale: string;
  readonly label?: string;
  readonly first_stage: { readonly rank: number; readonly score: number };
}

export interface RerankInfo {
  readonly status: 'applied' | 'partial' | 'degraded' | 'skipped' | 'disabled';
  readonly reason?: string;
  readonly reranker: string;
  readonly window: number;
  readonly scored: number;
  readonly elapsedMs: number;
}

export interface Citation {
  readonly source: string;
  readonly start: number;
  readonly end: number;
  readonly quote: string;
  readonly quote_start: number;
  readonly quote_end: number;
}

export interface Groundedness {
  readonly status: 'checked' | 'failed';
  readonly score?: number;
  readonly sentences: readonly { readonly start: number; readonly end: number; readonly score: number; readonly supported: boolean }[];
}

export interface Answer {
  readonly id: string;
  readonly answer: string;
  readonly abstained: boolean;
  readonly citations: readonly Citation[];
  readonly groundedness?: Groundedness;
  readonly timings: Readonly<Record<string, number>>;
}

export interface ChatAnswer extends Answer {
  readonly sources: readonly Passage[];
  readonly rerank: RerankInfo;
}

export interface SearchAnswer {
  readonly results: readonly Passage[];
  readonly rerank: RerankInfo;
  readonly timings: Readonly<Record<string, number>>;
}

export interface Collection {
  readonly name: string;
  readonly documents: number;
  readonly chunks: number;
}

export interface StoredDocument {
  readonly id: string;
  readonly title?: string;
  readonly url?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly chunks: number;
  readonly created_at: number;
}

export interface Job {
  readonly status: string;
  readonly documents_total: number;
  readonly documents_done: number;
  readonly error?: { readonly message: string };
}
