import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ResiftError } from '@resift/core';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { CollectionName } from '../collection-name.ts';
import { errorResponses } from '../error-responses.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { createRouter } from '../router.ts';

const Collection = z.object({ name: z.string(), documents: z.int(), chunks: z.int() }).openapi('Collection');
const Name = z.object({ name: CollectionName.openapi({ param: { name: 'name', in: 'path' } }) });
const one = { description: 'The collection.', content: { 'application/json': { schema: Collection } } };

/** `/v1/collections`. Most people never need them: an ingest creates what it names. */
export function collectionRoutes({ config: { limits }, services }: AppParts): OpenAPIHono<AppEnv> {
  const all = createRoute({
    method: 'get',
    path: '/v1/collections',
    summary: 'List collections',
    responses: {
      200: {
        description: 'All of this tenant.',
        content: { 'application/json': { schema: z.object({ collections: z.array(Collection) }) } },
      },
      ...errorResponses([401]),
    },
  });
  const get = createRoute({
    method: 'get',
    path: '/v1/collections/{name}',
    summary: 'One collection',
    request: { params: Name },
    responses: { 200: one, ...errorResponses([400, 401, 404]) },
  });
  const create = createRoute({
    method: 'post',
    path: '/v1/collections',
    summary: 'Create a collection',
    middleware: [jsonBody(limits.jsonBytes)] as const,
    request: { body: { required: true, content: { 'application/json': { schema: z.strictObject({ name: CollectionName }) } } } },
    responses: { 201: one, ...errorResponses([400, 401, 409]) },
  });
  const createNamed = createRoute({
    method: 'post',
    path: '/v1/collections/{name}',
    summary: 'Create a collection, named in the path',
    request: { params: Name },
    responses: { 201: one, ...errorResponses([400, 401, 409]) },
  });
  const remove = createRoute({
    method: 'delete',
    path: '/v1/collections/{name}',
    summary: 'Delete a collection with all its documents',
    request: { params: Name },
    responses: {
      200: { description: 'Gone.', content: { 'application/json': { schema: z.object({ name: z.string(), deleted: z.literal(true) }) } } },
      ...errorResponses([400, 401, 404]),
    },
  });

  const find = async (tenant: string, name: string) => {
    const store = await services.store(tenant);
    return { store, collection: (await store.collections()).find((collection) => collection.name === name) };
  };
  const createOne = async (tenant: string, name: string) => {
    const { store, collection } = await find(tenant, name);
    if (collection) throw new ResiftError('conflict', `There is a collection ${name} already.`, { details: { field: 'name' } });
    await store.createCollection(name);
    return { name, documents: 0, chunks: 0 };
  };

  const router = createRouter();
  router.openapi(all, async (c) => {
    const store = await services.store(c.var.tenant);
    const collections = await store.collections();
    return c.json({ collections: collections.map(({ name, documents, chunks }) => ({ name, documents, chunks })) }, 200);
  });
  router.openapi(get, async (c) => {
    const { name } = c.req.valid('param');
    const { collection } = await find(c.var.tenant, name);
    if (!collection) throw unknownCollection(name);
    return c.json({ name, documents: collection.documents, chunks: collection.chunks }, 200);
  });
  router.openapi(create, async (c) => c.json(await createOne(c.var.tenant, c.req.valid('json').name), 201));
  router.openapi(createNamed, async (c) => c.json(await createOne(c.var.tenant, c.req.valid('param').name), 201));
  router.openapi(remove, async (c) => {
    const { name } = c.req.valid('param');
    const store = await services.store(c.var.tenant);
    if (!(await store.deleteCollection(name))) throw unknownCollection(name);
    return c.json({ name, deleted: true as const }, 200);
  });
  return router;
}

const unknownCollection = (name: string) =>
  new ResiftError('not_found', `There is no collection ${name}. Add documents to it, or create it, first.`, {
    details: { field: 'collection' },
  });
