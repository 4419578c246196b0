import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { isLoopback } from '../config.ts';
import { DoorError } from '../errors.ts';

/**
 * Keeps web pages out of a server that asks for no key. A foreign page may post a form without a preflight (cross-site request
 * forgery) or rebind its own name to 127.0.0.1 (then `Host` is that name); both are told apart here.
 */
export function sameSite({ keyless, corsOrigins }: { keyless: boolean; corsOrigins: readonly string[] }): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    // Called in this process, without a socket: no browser is involved.
    if (!keyless || !c.env?.incoming) return next();
    const host = c.req.header('host') ?? '';
    if (!isLoopback(hostname(host))) {
      throw new DoorError(
        403,
        'forbidden',
        `Expected the Host header to name this machine (127.0.0.1 or localhost), got ${JSON.stringify(host)}.`,
      );
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && c.req.method !== 'GET' && c.req.method !== 'HEAD' && c.req.method !== 'OPTIONS') {
      const own = URL.canParse(origin) && new URL(origin).host === host;
      if (!own && !corsOrigins.includes(origin)) {
        throw new DoorError(
          403,
          'forbidden',
          'A page of another origin may not call this server. Name it in RESIFT_CORS_ORIGINS to allow it.',
        );
      }
    }
    return next();
  };
}

const hostname = (host: string) => (URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '');
