import type { Admission } from './admission.ts';
import type { Config } from './config.ts';
import type { IngestResult } from './ingest-result.ts';
import type { Jobs } from './jobs.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LiftLog } from './lift-log.ts';
import type { Metrics } from './metrics.ts';
import type { RateLimiter } from './rates.ts';
import type { Services } from './services.ts';

/** What every route is given. */
export interface AppParts {
  readonly config: Config;
  readonly services: Services;
  readonly lifecycle: Lifecycle;
  readonly admission: Admission;
  readonly rates: RateLimiter;
  readonly jobs: Jobs<IngestResult>;
  readonly metrics: Metrics;
  readonly lift: LiftLog;
}
