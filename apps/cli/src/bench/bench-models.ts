import type { SourceDocument } from '@resift/retrieval/stores/store';
import { openModels, type RerankerSize } from 'resift';
import { passagesOf, questionsOf } from './passages.ts';
import { type Timing, timed } from './timing.ts';

export interface RerankTiming extends Timing {
  readonly model: RerankerSize;
  readonly pairs: number;
  readonly pairsPerSecond: number;
}

export interface EmbedTiming {
  readonly passages: number;
  readonly passagesPerSecond: number;
}

export interface ModelBenchOptions {
  readonly pairs: number;
  readonly rounds: number;
  readonly workers?: number | undefined;
  readonly signal: AbortSignal;
  onStep(what: string): void;
}

const SIZES: readonly RerankerSize[] = ['tiny', 'cascade', 'mini'];

/** Reranking of texts that are read afresh in every round, and embedding. One request at a time, as one user has it. */
export async function benchModels(
  documents: readonly SourceDocument[],
  { pairs, rounds, workers, signal, onStep }: ModelBenchOptions,
): Promise<{ rerank: RerankTiming[]; embed: EmbedTiming }> {
  await using models = await openModels({ workers });
  const questions = questionsOf(documents, pairs, rounds);
  const rerank: RerankTiming[] = [];
  for (const model of SIZES) {
    onStep(`reranking with ${model}`);
    const reranker = await models.reranker(model);
    const timing = await timed(questions, ({ query, documents: texts }) => reranker.rerank(query, texts, { signal }), signal);
    rerank.push({ model, pairs, ...timing, pairsPerSecond: (pairs / timing.p50Ms) * 1_000 });
  }

  onStep('embedding');
  const embedder = await models.embedder();
  const texts = passagesOf(documents, pairs);
  const taken = await timed(Array.from({ length: rounds }), () => embedder.embed(texts, 'document', { signal }), signal);
  return { rerank, embed: { passages: pairs, passagesPerSecond: (pairs / taken.p50Ms) * 1_000 } };
}
