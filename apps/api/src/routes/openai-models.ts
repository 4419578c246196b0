import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { errorResponses } from '../error-responses.ts';
import { named } from '../named.ts';
import { createRouter } from '../router.ts';

const Model = z
  .object({ id: z.string(), object: z.literal('model'), created: z.int(), owned_by: z.string(), type: z.enum(['chat', 'rerank']) })
  .openapi('Model');

/** `GET /v1/models`: chat pipelines first (`resift`, then one per preset), then rerankers with `type: "rerank"`. */
export function openaiModelRoutes({ services }: AppParts): OpenAPIHono<AppEnv> {
  const created = Math.floor(Date.now() / 1000);
  const list = createRoute({
    method: 'get',
    path: '/v1/models',
    summary: 'Models (OpenAI)',
    responses: {
      200: {
        description: 'Chat pipelines, then rerankers.',
        content: { 'application/json': { schema: z.object({ object: z.literal('list'), data: z.array(Model) }).openapi('ModelList') } },
      },
    },
  });
  const get = createRoute({
    method: 'get',
    path: '/v1/models/{id}',
    summary: 'One model (OpenAI)',
    request: { params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }) },
    responses: {
      200: { description: 'The model.', content: { 'application/json': { schema: Model } } },
      ...errorResponses([404], z.object({ error: z.object({ message: z.string() }) })),
    },
  });

  const entry = (type: 'chat' | 'rerank') => (id: string) =>
    [id, { id, object: 'model' as const, created, owned_by: 'resift', type }] as const;
  const chats = ['resift', ...[...services.presets.keys()].map((preset) => `resift-${preset}`)];
  const models = new Map([...chats.map(entry('chat')), ...[...services.rerankers.keys()].map(entry('rerank'))]);

  const router = createRouter();
  router.openapi(list, (c) => c.json({ object: 'list' as const, data: [...models.values()] }, 200));
  router.openapi(get, (c) => c.json(named(models, c.req.valid('param').id, { kind: 'model', field: 'model' }), 200));
  return router;
}
