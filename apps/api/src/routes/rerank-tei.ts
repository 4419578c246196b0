import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ResiftError } from '@resift/core';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { errorResponses } from '../error-responses.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { rerankAll } from '../rerank-call.ts';
import { createRouter } from '../router.ts';

/** `POST /rerank`, as Hugging Face's text-embeddings-inference. */
export function rerankTeiRoutes(parts: AppParts): OpenAPIHono<AppEnv> {
  const { limits } = parts.config;
  const route = createRoute({
    method: 'post',
    path: '/rerank',
    summary: 'Rerank (text-embeddings-inference)',
    description: 'Every text is scored, or the answer is an error. There is no `top_n`. Unknown fields are ignored, as in the original.',
    middleware: [jsonBody(limits.rerankBytes)] as const,
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z
              .object({
                query: z.string().min(1),
                texts: z.array(z.string()).min(1),
                model: z.string().min(1).max(200).nullish(),
                raw_scores: z.boolean().nullish().openapi({ description: 'Scores before calibration.' }),
                return_text: z.boolean().nullish(),
                truncate: z
                  .boolean()
                  .nullish()
                  .openapi({ description: 'false: a text that is longer than the model can read is an error. Default true.' }),
              })
              .openapi('RerankTeiRequest'),
          },
        },
      },
    },
    responses: {
      200: {
        description: 'The texts’ positions, best first.',
        content: {
          'application/json': {
            schema: z.array(z.object({ index: z.int(), score: z.number(), text: z.string().optional() })).openapi('RerankTeiResponse'),
          },
        },
      },
      ...errorResponses([400, 401, 413, 429, 503, 504], z.object({ error: z.string(), error_type: z.string() })),
    },
  });

  const router = createRouter();
  router.openapi(route, async (c) => {
    const { query, texts, model, raw_scores: raw, return_text: returnText, truncate } = c.req.valid('json');
    const { ranking } = await rerankAll(c, parts, { model, query, texts, field: 'texts', raw });
    if (truncate === false && ranking.usage.truncated > 0) {
      throw new ResiftError(
        'input_too_long',
        `${ranking.usage.truncated} text(s) are longer than the model can read. Cut them, or set truncate to true`,
        {
          details: { field: 'texts' },
        },
      );
    }
    return c.json(
      ranking.items.map(({ index, score }) => ({ index, score, ...(returnText && { text: texts[index]! }) })),
      200,
    );
  });
  return router;
}
