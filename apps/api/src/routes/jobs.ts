import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ResiftError } from '@resift/core';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { errorResponses } from '../error-responses.ts';
import { ingestResultSchema } from '../ingest-result.ts';
import { JOB_STATUSES, type Job } from '../jobs.ts';
import { createRouter } from '../router.ts';

const JobSchema = z
  .object({
    id: z.string(),
    status: z.enum(JOB_STATUSES),
    collection: z.string(),
    documents_total: z.int(),
    documents_done: z.int(),
    attempts: z.int(),
    created_at: z.string(),
    finished_at: z.string().optional(),
    result: ingestResultSchema.optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional().openapi({ description: 'Why the last attempt failed.' }),
  })
  .openapi('Job');
const Id = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const job = (description: string) => ({ description, content: { 'application/json': { schema: JobSchema } } });

/** `/v1/jobs`: how far ingests with `wait=false` are, which of them failed for good, and stopping one. */
export function jobRoutes({ jobs }: AppParts): OpenAPIHono<AppEnv> {
  const list = createRoute({
    method: 'get',
    path: '/v1/jobs',
    summary: 'Jobs, newest first',
    description: '`status=failed` lists the dead letters: jobs that failed at every attempt, or that no attempt could help.',
    request: {
      query: z.strictObject({
        status: z.enum(JOB_STATUSES).optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
      }),
    },
    responses: {
      200: { description: 'The jobs.', content: { 'application/json': { schema: z.object({ jobs: z.array(JobSchema) }) } } },
      ...errorResponses([400, 401, 503]),
    },
  });
  const get = createRoute({
    method: 'get',
    path: '/v1/jobs/{id}',
    summary: 'How far a job is',
    request: { params: Id },
    responses: {
      200: job('The job. Kept until 1,000 newer ones came; without Redis also only until the server stops.'),
      ...errorResponses([401, 404, 503]),
    },
  });
  const cancel = createRoute({
    method: 'delete',
    path: '/v1/jobs/{id}',
    summary: 'Cancel a job',
    description:
      'One that waits is not begun. One that runs stops after the documents at hand, which stay. One that has ended stays as it is.',
    request: { params: Id },
    responses: { 200: job('The job as it is now; a running one becomes `cancelled` in a moment.'), ...errorResponses([401, 404, 503]) },
  });

  const router = createRouter();
  router.openapi(list, async (c) => {
    const { status, limit } = c.req.valid('query');
    return c.json({ jobs: (await jobs.list(c.var.tenant, { status, limit })).map(jobBody) }, 200);
  });
  router.openapi(get, async (c) => c.json(jobBody(known(await jobs.get(c.var.tenant, c.req.valid('param').id))), 200));
  router.openapi(cancel, async (c) => c.json(jobBody(known(await jobs.cancel(c.var.tenant, c.req.valid('param').id))), 200));
  return router;
}

/** The same for another tenant's job and one that never was. */
function known(found: Job | undefined): Job {
  if (!found) throw new ResiftError('not_found', 'There is no job with this id.', { details: { field: 'id' } });
  return found;
}

function jobBody({ id, status, collection, total, done, attempts, createdAt, finishedAt, result, error }: Job): z.infer<typeof JobSchema> {
  return {
    id,
    status,
    collection,
    documents_total: total,
    documents_done: done,
    attempts,
    created_at: createdAt,
    ...(finishedAt !== undefined && { finished_at: finishedAt }),
    ...(result && { result }),
    ...(error && status !== 'done' && { error }),
  };
}
