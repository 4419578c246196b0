import type { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import type { AppEnv } from '../app-env.ts';
import { docsPage, docsStyle } from '../docs-page.ts';
import { createRouter } from '../router.ts';

const INFO = {
  openapi: '3.1.0',
  info: {
    title: 'resift',
    version: '1',
    description:
      'Documents in, cited answers out, with reranking that can be seen. Times are in milliseconds, offsets are UTF-16 code units.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }, { apiKey: [] }, {}],
} as const;

/** `/openapi.json` (3.1) and `/docs`, a page made from it that loads nothing from anywhere else. */
export function openapiRoutes(documented: OpenAPIHono<AppEnv>): OpenAPIHono<AppEnv> {
  let known: ReturnType<typeof documented.getOpenAPI31Document> | undefined;
  const document = () => {
    known ??= documented.getOpenAPI31Document(structuredClone(INFO) as never);
    return known;
  };
  documented.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  documented.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', { type: 'apiKey', in: 'header', name: 'x-api-key' });

  const kept = createMiddleware<AppEnv>(async (c, next) => {
    await next();
    c.header('cache-control', 'public, max-age=300');
  });
  const router = createRouter();
  router.get('/openapi.json', kept, (c) => c.json(document()));
  router.get('/docs', kept, (c) => c.html(docsPage(document())));
  router.get('/docs/style.css', kept, (c) => c.body(docsStyle, 200, { 'content-type': 'text/css; charset=utf-8' }));
  return router;
}
