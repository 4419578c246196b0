import { z } from '@hono/zod-openapi';
import type { Source } from '@resift/rag';

/** One passage, as search returns it and as an answer names it. */
export interface FoundPassage {
  id: string;
  document_id: string;
  text: string;
  title?: string | undefined;
  url?: string | undefined;
  metadata?: Record<string, unknown> | undefined;
  score?: number | undefined;
  scale: 'probability' | 'logit' | 'similarity' | 'ordinal' | 'first_stage';
  label?: string | undefined;
  first_stage: { rank: number; score: number };
}

export const passageSchema: z.ZodType<FoundPassage> = z
  .object({
    id: z.string(),
    document_id: z.string(),
    text: z.string(),
    title: z.string().optional(),
    url: z.string().optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
    score: z.number().optional().openapi({ description: 'Absent where nothing scored the passage.' }),
    scale: z.enum(['probability', 'logit', 'similarity', 'ordinal', 'first_stage']),
    label: z.string().optional(),
    first_stage: z.object({ rank: z.int().min(1), score: z.number() }).openapi({ description: 'Where retrieval alone had put it.' }),
  })
  .openapi('Passage');

/** In the words of the HTTP API. */
export function foundPassage({ id, documentId, passage, score, scale, label, firstStage }: Source): FoundPassage {
  return {
    id,
    document_id: documentId,
    text: passage.text,
    ...(passage.title !== undefined && { title: passage.title }),
    ...(passage.url !== undefined && { url: passage.url }),
    ...(passage.metadata !== undefined && { metadata: passage.metadata }),
    ...(score !== undefined && Number.isFinite(score) && { score: score + 0 }),
    scale,
    ...(label !== undefined && { label }),
    first_stage: { rank: firstStage.rank, score: firstStage.score },
  };
}

export const rerankInfoSchema: z.ZodType = z
  .object({
    status: z.enum(['applied', 'partial', 'degraded', 'skipped', 'disabled']),
    reason: z.string().optional(),
    reranker: z.string(),
    window: z.int(),
    scored: z.int(),
    invalid: z.int(),
    cacheHits: z.int(),
    budgetMs: z.number(),
    elapsedMs: z.number(),
  })
  .openapi('RerankInfo');

export const retrievalSchema: z.ZodType = z
  .object({
    legs: z.record(
      z.string(),
      z.object({ status: z.enum(['ok', 'failed']), found: z.int(), elapsedMs: z.number(), reason: z.string().optional() }),
    ),
    found: z.int().optional(),
    elapsedMs: z.number().optional(),
  })
  .openapi('RetrievalInfo');

export const timingsSchema: z.ZodType = z.record(z.string(), z.number()).openapi({ description: 'Milliseconds.' });
