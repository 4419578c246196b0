import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { DoorError } from '../errors.ts';
import { type Key, tenantOf } from '../keys.ts';
import type { RateLimiter } from '../rates.ts';

/** Paths that anyone may read: they hold nothing of any tenant. */
export const OPEN_PATHS: ReadonlySet<string> = new Set([
  '/',
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/docs',
  '/docs/style.css',
  '/favicon.svg',
]);

/** The page's own files, which hold nothing of any tenant either. */
const isOpen = (path: string) => OPEN_PATHS.has(path) || path.startsWith('/assets/');

/** Finds the tenant by its key and counts the request. Without keys everyone is `default`, and any Authorization header is ignored. */
export function authenticate(keys: readonly Key[], rates: RateLimiter): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (isOpen(c.req.path)) return next();
    if (keys.length === 0) {
      c.set('tenant', 'default');
      return next();
    }
    const presented = /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? c.req.header('x-api-key');
    const tenant = presented && tenantOf(keys, presented);
    if (!tenant) {
      c.header('www-authenticate', 'Bearer');
      throw new DoorError(401, 'unauthorized', 'Expected a valid key: `Authorization: Bearer <key>` or `x-api-key: <key>`.');
    }
    c.set('tenant', tenant);
    await rates.take(tenant, 'requests', 1);
    return next();
  };
}
