import { z } from '@hono/zod-openapi';
import type { Filter } from '@resift/core';
import { CollectionName, DEFAULT_COLLECTION } from './collection-name.ts';
import type { Limits } from './limits.ts';
import { filterSchema } from './metadata.ts';

export type QuestionShape = {
  readonly collection: z.ZodDefault<z.ZodString>;
  readonly retriever: z.ZodDefault<z.ZodEnum<{ hybrid: 'hybrid'; bm25: 'bm25'; dense: 'dense'; late: 'late' }>>;
  readonly candidates: z.ZodDefault<z.ZodInt>;
  readonly rerank: z.ZodDefault<z.ZodUnion<readonly [z.ZodBoolean, z.ZodString]>>;
  readonly preset: z.ZodOptional<z.ZodString>;
  readonly filter: z.ZodOptional<z.ZodType<Filter>>;
};

/** What search and chat have in common. */
export const questionFields = ({ candidates }: Limits): QuestionShape => ({
  collection: CollectionName.default(DEFAULT_COLLECTION),
  retriever: z.enum(['hybrid', 'bm25', 'dense', 'late']).default('hybrid'),
  candidates: z.int().min(1).max(candidates).default(100).openapi({ description: 'Passages that are found and reranked.' }),
  rerank: z
    .union([z.boolean(), z.string().min(1).max(200)])
    .default(true)
    .openapi({ description: 'Whether to rerank, or the name of the reranker.' }),
  preset: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .openapi({ description: 'fast, balanced or quality. Default: the server’s.', example: 'balanced' }),
  filter: filterSchema.optional(),
});
