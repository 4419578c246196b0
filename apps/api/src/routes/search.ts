import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { search } from '@resift/rag';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { errorResponses } from '../error-responses.ts';
import { foundPassage, passageSchema, rerankInfoSchema, retrievalSchema, timingsSchema } from '../found-schemas.ts';
import { ordersOf } from '../lift-log.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { reportRerank, searchParts } from '../pipeline.ts';
import { questionFields } from '../question-fields.ts';
import { createRouter } from '../router.ts';
import { checkQuestion } from '../usable-text.ts';

/** `POST /v1/search`: retrieve, rerank, return. A reranker's failure shows in `rerank`, never as an error. */
export function searchRoutes(parts: AppParts): OpenAPIHono<AppEnv> {
  const { limits } = parts.config;
  const route = createRoute({
    method: 'post',
    path: '/v1/search',
    summary: 'Find passages and rerank them',
    middleware: [jsonBody(limits.jsonBytes)] as const,
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z
              .strictObject({
                query: z.string().min(1),
                top_k: z.int().min(1).max(limits.candidates).default(10),
                ...questionFields(limits),
              })
              .openapi('SearchRequest'),
          },
        },
      },
    },
    responses: {
      200: {
        description: 'Passages, best first.',
        content: {
          'application/json': {
            schema: z
              .object({ results: z.array(passageSchema), rerank: rerankInfoSchema, retrieval: retrievalSchema, timings: timingsSchema })
              .openapi('SearchResponse'),
          },
        },
      },
      ...errorResponses([400, 401, 404, 413, 415, 422, 429, 503, 504]),
    },
  });

  const router = createRouter();
  router.openapi(route, async (c) => {
    const { query, top_k: topK, filter, ...choice } = c.req.valid('json');
    checkQuestion(query, 'query', limits);
    // Asking for more results than candidates means that many candidates.
    const candidates = Math.max(choice.candidates, topK);
    const pipeline = await searchParts(c, parts, { ...choice, candidates });
    const found = await search(query, pipeline, { filter, signal: c.var.work.signal });
    reportRerank(c, found.rerank);
    if (found.rerank.scored > 0) parts.lift.record(c.var.tenant, [c.var.requestId], ordersOf(found.results));
    parts.rates.charge(c.var.tenant, 'tokens', found.usage.inputTokens);
    return c.json(
      {
        results: found.results.slice(0, topK).map(foundPassage),
        rerank: found.rerank,
        retrieval: found.retrieval,
        timings: { ...found.timings },
      },
      200,
    );
  });
  return router;
}
