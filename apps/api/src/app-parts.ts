import type { Admission } from './admission.ts';
import type { Config } from './config.ts';
import type { Jobs } from './jobs.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LiftLog } from './lift-log.ts';
import type { Metrics } from './metrics.ts';
import type { RateLimiter } from './rates.ts';
import type { SearchCache } from './search-cache.ts';
import type { Services } from './services.ts';
import type { SharedState } from './shared-state.ts';

/** What every route is given. */
export interface AppParts {
  readonly config: Config;
  readonly services: Services;
  readonly lifecycle: Lifecycle;
  /** Of reranks. */
  readonly admission: Admission;
  /** Of searches in the store. */
  readonly searching: Admission;
  /** Of answers by the models of this process. */
  readonly answering: Admission;
  readonly rates: RateLimiter;
  readonly jobs: Jobs;
  readonly metrics: Metrics;
  readonly lift: LiftLog;
  readonly state: SharedState;
  readonly searches: SearchCache;
}
