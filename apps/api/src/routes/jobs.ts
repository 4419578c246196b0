import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ResiftError } from '@resift/core';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { errorResponses } from '../error-responses.ts';
import { failureOf } from '../errors.ts';
import { ingestResultSchema } from '../ingest-result.ts';
import { createRouter } from '../router.ts';

const JobSchema = z
  .object({
    id: z.string(),
    status: z.enum(['queued', 'running', 'done', 'failed']),
    documents_total: z.int(),
    documents_done: z.int(),
    created_at: z.string(),
    finished_at: z.string().optional(),
    result: ingestResultSchema.optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  })
  .openapi('Job');

/** `/v1/jobs/{id}`: how far an ingest with `wait=false` is. */
export function jobRoutes({ jobs }: AppParts): OpenAPIHono<AppEnv> {
  const get = createRoute({
    method: 'get',
    path: '/v1/jobs/{id}',
    summary: 'How far a job is',
    request: { params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }) },
    responses: {
      200: {
        description: 'The job. It is kept until the server stops, or 1,000 newer ones came.',
        content: { 'application/json': { schema: JobSchema } },
      },
      ...errorResponses([401, 404]),
    },
  });

  const router = createRouter();
  router.openapi(get, (c) => {
    const job = jobs.get(c.var.tenant, c.req.valid('param').id);
    if (!job) throw new ResiftError('not_found', 'There is no job with this id.', { details: { field: 'id' } });
    const { id, status, total, done, createdAt, finishedAt, result, error } = job;
    const failure = error === undefined ? undefined : failureOf(error);
    return c.json(
      {
        id,
        status,
        documents_total: total,
        documents_done: done,
        created_at: createdAt,
        ...(finishedAt !== undefined && { finished_at: finishedAt }),
        ...(result && { result }),
        ...(failure && { error: { code: failure.code, message: failure.message } }),
      },
      200,
    );
  });
  return router;
}
