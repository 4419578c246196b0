import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type Metadata, ResiftError } from '@resift/core';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { CollectionName, DEFAULT_COLLECTION } from '../collection-name.ts';
import { documentSchema } from '../document-input.ts';
import { errorResponses } from '../error-responses.ts';
import { readIngest } from '../ingest-body.ts';
import { ingestResultSchema } from '../ingest-result.ts';
import { createRouter } from '../router.ts';
import { storeIngest } from '../store-ingest.ts';

const Flag = z.enum(['true', 'false']);
const InCollection = z.strictObject({ collection: CollectionName.default(DEFAULT_COLLECTION) });
const Id = z.object({
  id: z
    .string()
    .min(1)
    .openapi({ param: { name: 'id', in: 'path' }, description: 'URL-encoded.' }),
});

const Stored = z.object({
  id: z.string(),
  title: z.string().optional(),
  url: z.string().optional(),
  metadata: z.custom<Metadata>().optional().openapi({ type: 'object', additionalProperties: true }),
  chunks: z.int(),
  created_at: z.number().openapi({ description: 'Milliseconds since 1970.' }),
});

/** `/v1/documents`: in, out, listed, deleted. */
export function documentRoutes({ config: { limits }, services, rates, jobs, metrics }: AppParts): OpenAPIHono<AppEnv> {
  const Body = z
    .strictObject({ collection: CollectionName.optional(), documents: z.array(documentSchema(limits)).min(1) })
    .openapi('IngestRequest');

  const add = createRoute({
    method: 'post',
    path: '/v1/documents',
    summary: 'Add or replace documents',
    description:
      'JSON, NDJSON (one document a line; `?collection=`), or multipart files (.txt .md .html .pdf .docx .csv .json .jsonl). Replies when everything is durable and searchable.',
    request: {
      query: z.strictObject({ wait: Flag.default('true'), collection: CollectionName.optional() }),
      body: {
        required: true,
        content: {
          'application/json': { schema: Body },
          'application/x-ndjson': { schema: z.string() },
          'multipart/form-data': {
            schema: z.object({ collection: z.string().optional(), files: z.array(z.string().openapi({ format: 'binary' })) }),
          },
        },
      },
    },
    responses: {
      200: { description: 'Stored and searchable.', content: { 'application/json': { schema: ingestResultSchema } } },
      202: {
        description: 'Taken on (`wait=false`); ask `GET /v1/jobs/{id}`.',
        content: { 'application/json': { schema: z.object({ job: z.string() }) } },
      },
      ...errorResponses([400, 401, 413, 415, 422, 429, 503]),
    },
  });

  const list = createRoute({
    method: 'get',
    path: '/v1/documents',
    summary: 'List documents',
    request: {
      query: InCollection.extend({
        cursor: z.string().max(4_096).optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
      }),
    },
    responses: {
      200: {
        description: 'One page; `next` is the cursor of the following one.',
        content: {
          'application/json': { schema: z.object({ collection: z.string(), documents: z.array(Stored), next: z.string().optional() }) },
        },
      },
      ...errorResponses([400, 401, 404]),
    },
  });

  const get = createRoute({
    method: 'get',
    path: '/v1/documents/{id}',
    summary: 'One document with its text',
    request: { params: Id, query: InCollection },
    responses: {
      200: {
        description: 'The document. Citation offsets index `text`.',
        content: { 'application/json': { schema: Stored.extend({ text: z.string() }) } },
      },
      ...errorResponses([400, 401, 404]),
    },
  });

  const remove = createRoute({
    method: 'delete',
    path: '/v1/documents/{id}',
    summary: 'Delete a document from every leg',
    request: { params: Id, query: InCollection },
    responses: {
      200: { description: 'Gone.', content: { 'application/json': { schema: z.object({ id: z.string(), deleted: z.literal(true) }) } } },
      ...errorResponses([400, 401, 404]),
    },
  });

  const router = createRouter();
  // The body has three forms, so its reading is this route's own; the validator of the router would read it as JSON alone.
  router.openAPIRegistry.registerPath(add);
  router.post('/v1/documents', async (c) => {
    const { tenant, work } = c.var;
    const wait = queryFlag(c.req.query('wait'));
    work.deadline(undefined);
    const ingest = await readIngest(c, Body, limits);
    await rates.take(tenant, 'ingestBytes', ingest.bytes);

    if (!wait) {
      const job = await jobs.add(tenant, ingest);
      c.header('location', `/v1/jobs/${job.id}`);
      return c.json({ job: job.id, status: job.status }, 202);
    }
    const store = await services.store(tenant);
    const result = await storeIngest(store, ingest, { signal: work.signal });
    for (const { sanitized = {} } of result.documents) {
      for (const [kind, count] of Object.entries(sanitized)) metrics.sanitized.inc({ class: kind }, count);
    }
    return c.json(result, 200);
  });

  router.openapi(list, async (c) => {
    const { collection, cursor, limit } = c.req.valid('query');
    const store = await services.store(c.var.tenant);
    const { documents, next } = await store.list(collection, { limit, ...(cursor !== undefined && { cursor }) });
    const page = documents.map(({ createdAt, ...document }) => ({ ...document, created_at: createdAt }));
    return c.json({ collection, documents: page, ...(next !== undefined && { next }) }, 200);
  });

  router.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const { collection } = c.req.valid('query');
    const store = await services.store(c.var.tenant);
    const document = await store.get(collection, id);
    if (!document) throw unknownDocument(collection);
    const { createdAt, ...rest } = document;
    return c.json({ ...rest, created_at: createdAt }, 200);
  });

  router.openapi(remove, async (c) => {
    const { id } = c.req.valid('param');
    const { collection } = c.req.valid('query');
    const store = await services.store(c.var.tenant);
    if (!(await store.delete(collection, id))) throw unknownDocument(collection);
    return c.json({ id, deleted: true as const }, 200);
  });

  return router;
}

function queryFlag(value: string | undefined): boolean {
  if (value === undefined || value === 'true') return true;
  if (value === 'false') return false;
  throw new ResiftError('invalid_input', 'wait: expected true or false.', { details: { field: 'wait' } });
}

/** The same for a foreign id and an absent one. */
const unknownDocument = (collection: string) =>
  new ResiftError('not_found', `The collection ${collection} has no document with this id.`, { details: { field: 'id' } });
