import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { createRouter } from '../router.ts';

const Readiness = z
  .object({
    ready: z.boolean(),
    draining: z.boolean(),
    parts: z.record(
      z.string(),
      z.object({ status: z.enum(['ready', 'loading', 'degraded', 'failed']), reason: z.string().optional(), id: z.string().optional() }),
    ),
  })
  .openapi('Readiness');
const readiness = (description: string) => ({ description, content: { 'application/json': { schema: Readiness } } });

/** `/healthz`, `/readyz`, `/metrics`. They need no key and tell nothing of any tenant. */
export function healthRoutes({ services, lifecycle, metrics, state }: AppParts): OpenAPIHono<AppEnv> {
  const health = createRoute({
    method: 'get',
    path: '/healthz',
    summary: 'Is the event loop alive?',
    responses: { 200: { description: 'Yes.', content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } } } },
  });
  const ready = createRoute({
    method: 'get',
    path: '/readyz',
    summary: 'Are the models loaded and the store open?',
    responses: { 200: readiness('Yes.'), 503: readiness('Not yet, or no longer.') },
  });
  const numbers = createRoute({
    method: 'get',
    path: '/metrics',
    summary: 'Prometheus metrics',
    responses: { 200: { description: 'Text format 0.0.4.', content: { 'text/plain': { schema: z.string() } } } },
  });

  const router = createRouter();
  router.openapi(health, (c) => c.json({ status: 'ok' as const }, 200));
  router.openapi(ready, async (c) => {
    const [{ ready: open, parts }, shared] = await Promise.all([services.readiness(), state.readiness()]);
    const body = { ready: open && !lifecycle.draining, draining: lifecycle.draining, parts: { ...parts, ...shared } };
    if (body.ready) return c.json(body, 200);
    c.header('retry-after', '1');
    return c.json(body, 503);
  });
  router.openapi(numbers, async (c) => c.text(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }));
  return router;
}
