import { createReranker, isResiftError, type Reranker, ResiftError } from '@resift/core';
import { fieldText } from './field-text.ts';
import { type AdapterOptions, adapter } from './internal/adapter.ts';
import { asApiCallError } from './internal/api-call-error.ts';

/** A document of the Vercel AI SDK: a text, or a JSON object. */
export type AiSdkDocument = string | Readonly<Record<string, unknown>>;

export interface RerankingModelOptions<V extends 'v3' | 'v4' = 'v3'> extends Omit<AdapterOptions<AiSdkDocument>, 'topN'> {
  /** `v3` (default) runs in ai 6 and 7, `v4` in ai 7 only. */
  readonly specificationVersion?: V | undefined;
}

/** The parts of the AI SDK's reranking model specification; its packages are not imported, so none needs to be installed. */
export interface RerankingModel<V extends 'v3' | 'v4' = 'v3' | 'v4'> {
  readonly specificationVersion: V;
  readonly provider: string;
  readonly modelId: string;
  doRerank(options: RerankCall): PromiseLike<RerankAnswer>;
}

type Json = null | string | number | boolean | Json[] | JsonObject;
interface JsonObject {
  [key: string]: Json | undefined;
}

interface RerankCall {
  readonly documents: { type: 'text'; values: string[] } | { type: 'object'; values: JsonObject[] };
  readonly query: string;
  readonly topN?: number;
  readonly abortSignal?: AbortSignal;
}

interface RerankAnswer {
  ranking: { index: number; relevanceScore: number }[];
  warnings?: { type: 'other'; message: string }[];
  providerMetadata?: Record<string, JsonObject>;
}

/**
 * A reranker where the AI SDK's `rerank({ model, ... })` expects a model. Of an object every field is scored, or those of `fields`. `providerMetadata.resift` carries status, scale, usage and, since
 * the specification has no "no score", the indexes that got none (`unscored`): those stand last with a score of 0, or the lowest one if that is below 0.
 */
export function rerankingModel<V extends 'v3' | 'v4' = 'v3'>({
  specificationVersion,
  ...options
}: RerankingModelOptions<V>): RerankingModel<V> {
  const { reranker, fields, text } = options;
  const { rerank, arrange } = adapter({ ...options, fields: undefined });
  const textOf = (document: AiSdkDocument) => text?.(document) ?? (typeof document === 'string' ? document : fieldText(document, fields));

  return {
    specificationVersion: (specificationVersion ?? 'v3') as V,
    provider: 'resift',
    modelId: reranker.id,
    async doRerank({ query, documents, topN, abortSignal }) {
      const given: readonly AiSdkDocument[] = documents.values;
      const carried = given.map((original, index) => ({ id: String(index), text: textOf(original), index, original }));
      const ranking = await rerank(query, carried, { signal: abortSignal }).catch((error: unknown) => {
        throw isResiftError(error) && error.retryable ? asApiCallError(error) : error;
      });
      const arranged = arrange(ranking);
      const lowest = Math.min(0, ranking.items.at(-1)?.score ?? 0);
      const { status, scale, usage } = ranking;
      const metadata = {
        ...status,
        scale,
        usage: { ...usage },
        unscored: arranged.flatMap(({ carried, ranked }) => (ranked ? [] : [carried.index])),
      };
      return {
        ranking: arranged.slice(0, topN).map(({ carried, ranked }) => ({ index: carried.index, relevanceScore: ranked?.score ?? lowest })),
        providerMetadata: { resift: metadata },
        ...(status.status === 'degraded' && {
          warnings: [{ type: 'other', message: `Reranking failed (${status.reason}): the documents are in the order they came.` }],
        }),
      };
    },
  };
}

/** A reranking model of the AI SDK as one of ours. Its scores have no common meaning, so they are a similarity; what it leaves out is skipped. */
export function aiSdkReranker(model: RerankingModel): Reranker<'similarity'> {
  const id = `${model.provider}:${model.modelId}`;
  return createReranker({
    id,
    scale: 'similarity',
    async score(query, texts, { signal }) {
      const { ranking } = await model.doRerank({
        query,
        documents: { type: 'text', values: [...texts] },
        ...(signal && { abortSignal: signal }),
      });
      const values = Array.from<number | undefined>({ length: texts.length });
      for (const { index, relevanceScore } of ranking) {
        if (!Number.isInteger(index) || index < 0 || index >= texts.length || values[index] !== undefined) {
          throw new ResiftError('bad_output', `${id} gave a score for the wrong or repeated index ${index} of ${texts.length} documents.`);
        }
        values[index] = relevanceScore;
      }
      return { values, usage: { calls: 1 } };
    },
  });
}
