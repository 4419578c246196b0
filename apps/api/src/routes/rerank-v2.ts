import { randomUUID } from 'node:crypto';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { errorResponses } from '../error-responses.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { rerankAll } from '../rerank-call.ts';
import { createRouter } from '../router.ts';
import { searchUnits } from '../search-units.ts';

/** `POST /v2/rerank`, as Cohere's v2 API. */
export function rerankV2Routes(parts: AppParts): OpenAPIHono<AppEnv> {
  const { limits } = parts.config;
  const route = createRoute({
    method: 'post',
    path: '/v2/rerank',
    summary: 'Rerank (Cohere v2)',
    description: 'Every document is scored, or the answer is an error. Unknown fields are ignored, as in the original.',
    middleware: [jsonBody(limits.rerankBytes)] as const,
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z
              .object({
                model: z.string().min(1).max(200).nullish().openapi({ example: 'resift-mini' }),
                query: z.string().min(1),
                documents: z.array(z.string()).min(1),
                top_n: z.int().min(1).nullish(),
                max_tokens_per_doc: z.int().min(1).nullish().openapi({ description: 'Default 4096.' }),
              })
              .openapi('RerankV2Request'),
          },
        },
      },
    },
    responses: {
      200: {
        description: 'The documents’ positions, best first.',
        content: {
          'application/json': {
            schema: z
              .object({
                id: z.string(),
                results: z.array(z.object({ index: z.int(), relevance_score: z.number().min(0).max(1) })),
                meta: z.object({
                  api_version: z.object({ version: z.string() }),
                  billed_units: z.object({ search_units: z.int() }),
                  warnings: z.array(z.string()).optional(),
                }),
              })
              .openapi('RerankV2Response'),
          },
        },
      },
      ...errorResponses([400, 401, 404, 413, 429, 503, 504], z.object({ message: z.string() })),
    },
  });

  const router = createRouter();
  router.openapi(route, async (c) => {
    const { model, query, documents, top_n: topN, max_tokens_per_doc: most } = c.req.valid('json');
    const maxTokensPerDocument = most ?? 4_096;
    const { ranking, cut } = await rerankAll(c, parts, { model, query, texts: documents, field: 'documents', maxTokensPerDocument });
    return c.json(
      {
        id: randomUUID(),
        results: ranking.items.slice(0, topN ?? undefined).map(({ index, score }) => ({ index, relevance_score: score })),
        meta: {
          api_version: { version: '2' },
          billed_units: { search_units: searchUnits(documents.length) },
          ...(cut > 0 && { warnings: [`${cut} document(s) were cut to ${maxTokensPerDocument} tokens.`] }),
        },
      },
      200,
    );
  });
  return router;
}
