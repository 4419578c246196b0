import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { type PageFile, type PageFiles, readPageFiles } from '../page-files.ts';
import { createRouter } from '../router.ts';

/** Names with a hash of the content in them never change what they hold. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';
const NOT_BUILT = 'This is the resift API. Its page is not built here (npm run build builds it); the API is described at /docs.\n';

/** The page of @resift/web at `/`. It needs no key: whatever it shows, it asks the API for. */
export function pageRoutes(files: PageFiles = readPageFiles()): OpenAPIHono<AppEnv> {
  const router = createRouter();
  const answer = (c: Context<AppEnv>, path: string, cache: string) => {
    const file = files.get(path);
    return file ? sent(c, file, cache) : c.notFound();
  };
  router.get('/', (c) => (files.has('/index.html') ? answer(c, '/index.html', ASK_AGAIN) : c.text(NOT_BUILT)));
  router.get('/favicon.svg', (c) => answer(c, '/favicon.svg', ASK_AGAIN));
  router.get('/assets/:name', (c) => answer(c, c.req.path, FOR_EVER));
  return router;
}

function sent(c: Context<AppEnv>, { type, etag, plain, coded }: PageFile, cache: string): Response {
  c.header('cache-control', cache);
  c.header('etag', etag);
  c.header('vary', 'accept-encoding');
  if (c.req.header('if-none-match')?.includes(etag)) return c.body(null, 304);
  c.header('content-type', type);
  const accepted = c.req.header('accept-encoding') ?? '';
  for (const coding of ['br', 'gzip'] as const) {
    const body = coded[coding];
    if (!body || !new RegExp(`\\b${coding}\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))`).test(accepted)) continue;
    c.header('content-encoding', coding);
    return c.body(body);
  }
  return c.body(plain);
}
