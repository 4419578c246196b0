import { randomUUID } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { AppEnv } from '../app-env.ts';
import { failureOf } from '../errors.ts';
import { type Lifecycle, shutdownError } from '../lifecycle.ts';
import type { Limits } from '../limits.ts';
import type { Metrics } from '../metrics.ts';

interface Around {
  readonly lifecycle: Lifecycle;
  readonly limits: Limits;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** A caller's own id is kept where it cannot disturb a log line. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** Gives the request its id, deadline, abort signal, log line and counts. */
export function requestContext({ lifecycle, limits, log, metrics }: Around): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const given = c.req.header('x-request-id');
    const requestId = given && REQUEST_ID.test(given) ? given : randomUUID();
    const started = performance.now();
    c.header('x-request-id', requestId);
    c.set('requestId', requestId);
    c.set('log', log.child({ request_id: requestId }));
    c.set('metrics', metrics);

    const work = lifecycle.begin(c.req.raw.signal);
    const release = work.hold();
    c.set('work', work);
    work.deadline(limits.requestMs);
    try {
      if (lifecycle.draining && !OPEN_WHILE_DRAINING.has(c.req.path)) {
        c.header('connection', 'close');
        throw shutdownError();
      }
      await next();
    } finally {
      const route = routeOf(c);
      const ms = performance.now() - started;
      metrics.requests.inc({ route, status: String(c.res.status), reason: c.error ? failureOf(c.error).code : '' });
      metrics.seconds.observe({ route }, ms / 1000);
      // Probes come every few seconds and say nothing while all is well; they would push the first lines off a person's screen.
      const level = OPEN_WHILE_DRAINING.has(c.req.path) ? 'debug' : 'info';
      c.var.log[level]({ method: c.req.method, route, status: c.res.status, tenant: c.get('tenant'), ms: Math.round(ms) }, 'request');
      release();
    }
  };
}

const OPEN_WHILE_DRAINING: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** The pattern, never the path: a path may hold a document's id, and as a label it would be unbounded. */
function routeOf(c: Context<AppEnv>): string {
  const route = routePath(c, -1);
  return route === '*' || route === '/*' ? 'none' : route;
}
