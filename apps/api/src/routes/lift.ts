import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ResiftError } from '@resift/core';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { errorResponses } from '../error-responses.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { createRouter } from '../router.ts';

const Interval = z.object({ count: z.int(), mean: z.number(), lower: z.number(), upper: z.number() });
const Means = z.object({ 'ndcg@10': z.number(), 'recall@10': z.number(), mrr: z.number() });
const Report = z
  .object({
    verdict: z.enum(['helps', 'unclear', 'not worth it']),
    measure: z.enum(['ndcg@10', 'recall@10', 'mrr', 'clicks']),
    lifts: z
      .object({ 'ndcg@10': Interval, 'recall@10': Interval, mrr: Interval, clicks: Interval })
      .openapi({ description: 'After minus before, over requests with judgements, with intervals that hold at every moment.' }),
    before: Means,
    after: Means,
    queries: z.int(),
    overlap_at_10: z.number().openapi({ description: 'Share of the first ten that reranking left among the first ten.' }),
    displacement: z.number().openapi({ description: 'Mean places that a passage was moved.' }),
    feedback: z.object({ click: z.int(), up: z.int(), down: z.int(), grade: z.int() }),
  })
  .openapi('Lift');

/** `GET /v1/lift`: is reranking worth it here? `POST /v1/feedback`: what a reader thought of a result. */
export function liftRoutes({ config: { limits }, lift }: AppParts): OpenAPIHono<AppEnv> {
  const report = createRoute({
    method: 'get',
    path: '/v1/lift',
    summary: 'Is reranking worth it on this traffic?',
    responses: {
      200: {
        description: 'Since the server started; with Redis, over all replicas and restarts.',
        content: { 'application/json': { schema: Report } },
      },
      ...errorResponses([401, 503]),
    },
  });
  const feedback = createRoute({
    method: 'post',
    path: '/v1/feedback',
    summary: 'What a reader thought of a result',
    description:
      '`request` is the `x-request-id` of a search or a chat, or the `id` of a chat; `result` the `id` of one of its results or sources. The last 1,000 requests are remembered. Clicks are counted but prove nothing, since they favour what stands first.',
    middleware: [jsonBody(limits.jsonBytes)] as const,
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z
              .strictObject({
                request: z.string().min(1).max(200),
                result: z.string().min(1).max(2_000),
                kind: z.enum(['click', 'up', 'down', 'grade']),
                value: z.int().min(0).max(3).optional().openapi({ description: 'The grade, with kind `grade` alone.' }),
              })
              .openapi('Feedback'),
          },
        },
      },
    },
    responses: {
      200: { description: 'Taken.', content: { 'application/json': { schema: z.object({ accepted: z.literal(true) }) } } },
      ...errorResponses([400, 401, 404, 413, 415, 503]),
    },
  });

  const router = createRouter();
  router.openapi(report, async (c) => {
    const { overlapAt10, ...rest } = await lift.report(c.var.tenant);
    return c.json({ ...rest, overlap_at_10: overlapAt10 }, 200);
  });
  router.openapi(feedback, async (c) => {
    const { request, result, kind, value } = c.req.valid('json');
    if ((kind === 'grade') !== (value !== undefined)) {
      throw new ResiftError('invalid_input', 'value: expected a grade of 0 to 3 with kind "grade", and nothing with any other kind.', {
        details: { field: 'value' },
      });
    }
    const outcome = await lift.feedback(c.var.tenant, request, result, kind, value);
    if (outcome !== 'taken') {
      const field = outcome === 'unknown request' ? 'request' : 'result';
      throw new ResiftError('not_found', `${field}: there is none of this id among the last requests.`, { details: { field } });
    }
    return c.json({ accepted: true as const }, 200);
  });
  return router;
}
