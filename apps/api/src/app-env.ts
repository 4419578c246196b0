import type { HttpBindings } from '@hono/node-server';
import type { Logger } from 'pino';
import type { Work } from './lifecycle.ts';
import type { Metrics } from './metrics.ts';

/** What middleware leaves for the routes. `c.env` is empty where the app is called without a port. */
export interface AppEnv {
  readonly Bindings: Partial<HttpBindings>;
  readonly Variables: {
    readonly requestId: string;
    readonly tenant: string;
    readonly work: Work;
    readonly log: Logger;
    readonly metrics: Metrics;
    /** Set once a search of this request was answered from memory. */
    readonly recalled?: true;
  };
}
