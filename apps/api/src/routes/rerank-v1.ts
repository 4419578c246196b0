import { randomUUID } from 'node:crypto';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { errorResponses } from '../error-responses.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { rerankAll } from '../rerank-call.ts';
import { createRouter } from '../router.ts';
import { searchUnits } from '../search-units.ts';

/** Tokens in one chunk of Cohere's v1 API, which `max_chunks_per_doc` counts in. */
const CHUNK_TOKENS = 512;

/** `POST /v1/rerank`: the union of Cohere's v1 and Jina's API. */
export function rerankV1Routes(parts: AppParts): OpenAPIHono<AppEnv> {
  const { limits } = parts.config;
  const route = createRoute({
    method: 'post',
    path: '/v1/rerank',
    summary: 'Rerank (Cohere v1, Jina)',
    description: 'Every document is scored, or the answer is an error. Unknown fields are ignored, as in the originals.',
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
                documents: z.array(z.union([z.string(), z.object({ text: z.string() })])).min(1),
                top_n: z.int().min(1).nullish(),
                return_documents: z.boolean().nullish(),
                return_labels: z.boolean().nullish().openapi({ description: 'Of resift: each score in words too.' }),
                max_chunks_per_doc: z.int().min(1).max(10_000).nullish().openapi({ description: 'Default 10.' }),
              })
              .openapi('RerankV1Request'),
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
                model: z.string(),
                results: z.array(
                  z.object({
                    index: z.int(),
                    relevance_score: z.number().min(0).max(1),
                    document: z.object({ text: z.string() }).optional(),
                    label: z.enum(['very likely', 'likely', 'unlikely']).optional(),
                  }),
                ),
                meta: z.object({ api_version: z.object({ version: z.string() }), billed_units: z.object({ search_units: z.int() }) }),
                usage: z.object({ total_tokens: z.int(), prompt_tokens: z.int() }),
              })
              .openapi('RerankV1Response'),
          },
        },
      },
      ...errorResponses([400, 401, 404, 413, 429, 503, 504], z.object({ message: z.string(), detail: z.string() })),
    },
  });

  const router = createRouter();
  router.openapi(route, async (c) => {
    const { model, query, documents, top_n: topN, max_chunks_per_doc: chunks, ...options } = c.req.valid('json');
    const texts = documents.map((document) => (typeof document === 'string' ? document : document.text));
    const outcome = await rerankAll(c, parts, {
      model,
      query,
      texts,
      field: 'documents',
      maxTokensPerDocument: (chunks ?? 10) * CHUNK_TOKENS,
    });
    const { inputTokens } = outcome.ranking.usage;
    return c.json(
      {
        id: randomUUID(),
        model: outcome.model,
        results: outcome.ranking.items.slice(0, topN ?? undefined).map(({ index, score, label }) => ({
          index,
          relevance_score: score,
          ...(options.return_documents && { document: { text: texts[index]! } }),
          ...(options.return_labels && label && { label }),
        })),
        meta: { api_version: { version: '1' }, billed_units: { search_units: searchUnits(texts.length) } },
        usage: { total_tokens: inputTokens, prompt_tokens: inputTokens },
      },
      200,
    );
  });
  return router;
}
