import { post } from '../session/api.ts';
import type { ChatAnswer, Passage, SearchAnswer } from '../session/api-shapes.ts';

export interface Choice {
  readonly question: string;
  readonly collection: string;
  /** `preset:<name>`, or the name of a reranker. */
  readonly reranker: string;
  readonly candidates: number;
}

/** The same question twice, and every candidate in both orders. */
export interface Comparison {
  readonly choice: Choice;
  readonly plain: ChatAnswer;
  readonly reranked: ChatAnswer;
  readonly search: SearchAnswer;
}

/** A named reranker gets the budget of `quality` where there is one: here one wants to see it finish. */
export function rerankFields(reranker: string, presets: readonly string[]): { rerank: boolean | string; preset?: string } {
  if (reranker.startsWith('preset:')) return { rerank: true, preset: reranker.slice('preset:'.length) };
  return { rerank: reranker, ...(presets.includes('quality') && { preset: 'quality' }) };
}

/** Asks with and without reranking. One after the other, so that neither slows the other's time. */
export async function runComparison(choice: Choice, presets: readonly string[], signal: AbortSignal): Promise<Comparison> {
  const { question, collection, reranker, candidates } = choice;
  const rerank = rerankFields(reranker, presets);
  const chat = (fields: object) =>
    post<ChatAnswer>('/v1/chat', { messages: [{ role: 'user', content: question }], collection, candidates, ...fields }, signal);
  const search = await post<SearchAnswer>('/v1/search', { query: question, collection, candidates, top_k: candidates, ...rerank }, signal);
  const reranked = await chat(rerank);
  const plain = await chat({ rerank: false });
  return { choice, plain, reranked, search };
}

/** The candidates as retrieval alone had put them. */
export const firstStageOrder = (results: readonly Passage[]): Passage[] =>
  [...results].sort((a, b) => a.first_stage.rank - b.first_stage.rank);
