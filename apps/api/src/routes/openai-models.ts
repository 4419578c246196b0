import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { createRouter } from '../router.ts';

/** `GET /v1/models`: chat pipelines first (`resift`, then one per preset), then rerankers with `type: "rerank"`. */
export function openaiModelRoutes({ services }: AppParts): OpenAPIHono<AppEnv> {
  const created = Math.floor(Date.now() / 1000);
  const route = createRoute({
    method: 'get',
    path: '/v1/models',
    summary: 'Models (OpenAI)',
    responses: {
      200: {
        description: 'Chat pipelines, then rerankers.',
        content: {
          'application/json': {
            schema: z
              .object({
                object: z.literal('list'),
                data: z.array(
                  z.object({
                    id: z.string(),
                    object: z.literal('model'),
                    created: z.int(),
                    owned_by: z.string(),
                    type: z.enum(['chat', 'rerank']),
                  }),
                ),
              })
              .openapi('ModelList'),
          },
        },
      },
    },
  });

  const entry = (type: 'chat' | 'rerank') => (id: string) => ({ id, object: 'model' as const, created, owned_by: 'resift', type });
  const router = createRouter();
  router.openapi(route, (c) => {
    const chats = ['resift', ...[...services.presets.keys()].map((preset) => `resift-${preset}`)];
    return c.json(
      { object: 'list' as const, data: [...chats.map(entry('chat')), ...[...services.rerankers.keys()].map(entry('rerank'))] },
      200,
    );
  });
  return router;
}
