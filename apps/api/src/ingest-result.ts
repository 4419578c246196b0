import { z } from '@hono/zod-openapi';

/** The reply to an ingest, when everything is durable and searchable. */
export interface IngestResult {
  collection: string;
  documents: { id: string; chunks: number; replaced: boolean; sanitized?: Record<string, number> | undefined }[];
}

export const ingestResultSchema: z.ZodType<IngestResult> = z
  .object({
    collection: z.string(),
    documents: z.array(
      z.object({
        id: z.string(),
        chunks: z.int(),
        replaced: z.boolean(),
        sanitized: z.record(z.string(), z.int()).optional().openapi({ description: 'Characters that were removed, by class.' }),
      }),
    ),
  })
  .openapi('IngestResult');
