import type { OpenAPIHono } from '@hono/zod-openapi';
import { usualWorkers } from '@resift/models/onnx-pool';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import { type Logger, pino } from 'pino';
import { createAdmission } from './admission.ts';
import type { AppEnv } from './app-env.ts';
import type { AppParts } from './app-parts.ts';
import type { Config } from './config.ts';
import { withoutText } from './error-log.ts';
import { errorBody } from './error-shapes.ts';
import { DoorError, failureOf } from './errors.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createMetrics } from './metrics.ts';
import { authenticate } from './middleware/authenticate.ts';
import { requestContext } from './middleware/request-context.ts';
import { sameSite } from './middleware/same-site.ts';
import { named } from './named.ts';
import { createRouter } from './router.ts';
import { chatRoutes } from './routes/chat.ts';
import { chatUiRoutes } from './routes/chat-ui.ts';
import { collectionRoutes } from './routes/collections.ts';
import { documentRoutes } from './routes/documents.ts';
import { groundednessRoutes } from './routes/groundedness.ts';
import { healthRoutes } from './routes/health.ts';
import { jobRoutes } from './routes/jobs.ts';
import { liftRoutes } from './routes/lift.ts';
import { openaiChatRoutes } from './routes/openai-chat.ts';
import { openaiModelRoutes } from './routes/openai-models.ts';
import { openapiRoutes } from './routes/openapi.ts';
import { pageRoutes } from './routes/page.ts';
import { rerankTeiRoutes } from './routes/rerank-tei.ts';
import { rerankV1Routes } from './routes/rerank-v1.ts';
import { rerankV2Routes } from './routes/rerank-v2.ts';
import { searchRoutes } from './routes/search.ts';
import { createSearchCache } from './search-cache.ts';
import type { Services } from './services.ts';
import { ownState, type SharedState } from './shared-state.ts';
import { storeIngest } from './store-ingest.ts';

export interface App {
  /** Answers a request without a port; `env` is Node's, where there is one. */
  readonly fetch: (request: Request, env?: AppEnv['Bindings']) => Promise<Response>;
  readonly router: OpenAPIHono<AppEnv>;
  readonly lifecycle: Lifecycle;
  /** Aborts background jobs and what still runs. The services stay the caller's. */
  close(): Promise<void>;
}

const ROUTES = [
  documentRoutes,
  collectionRoutes,
  jobRoutes,
  searchRoutes,
  chatRoutes,
  chatUiRoutes,
  groundednessRoutes,
  rerankV2Routes,
  rerankV1Routes,
  rerankTeiRoutes,
  openaiChatRoutes,
  openaiModelRoutes,
  liftRoutes,
  healthRoutes,
] as const;

/** Everything that the app needs comes in here: a test builds it with fakes, `open-app.ts` with the real ones. `state` stays the caller's. */
export function createApp(
  services: Services,
  config: Config,
  log: Logger = pino({ level: 'silent' }),
  state: SharedState = ownState(config),
): App {
  const { limits } = config;
  named(services.presets, config.preset, { kind: 'preset', field: 'RESIFT_PRESET' });
  const lifecycle = createLifecycle();
  const metrics = createMetrics({
    inflight: () => lifecycle.inflight,
    queueDepth: () => admission.depth,
    redisFailures: state.failures,
    redisDown: state.down,
    searchCacheBytes: () => searches.bytes,
  });
  const searches = createSearchCache(config.searchCacheBytes);
  const admissionOf = (stage: 'rerank' | 'search' | 'answer', concurrency: number) =>
    createAdmission({
      concurrency,
      queuedRequests: limits.queuedRequests,
      onReject: (reason) => metrics.rejected.inc({ stage, reason }),
      onWait: (milliseconds) => metrics.queueWait.observe({ stage }, milliseconds / 1000),
    });
  // Reranks share the model workers; searches wait for the store, too.
  const workers = config.workers ?? usualWorkers();
  const admission = admissionOf('rerank', workers);
  const searching = admissionOf('search', SEARCHES_PER_WORKER * workers);
  const answering = admissionOf('answer', ANSWERS_PER_WORKER * workers);
  const { rates, lift } = state;
  const jobs = state.jobs(
    async (tenant, ingest, { signal, onProgress }) =>
      storeIngest(await services.store(tenant), ingest, { signal, onProgress: ({ documents }) => onProgress(documents) }),
    { onDead: (code) => metrics.deadJobs.inc({ code }) },
  );
  const parts: AppParts = { config, services, lifecycle, admission, searching, answering, rates, jobs, metrics, lift, state, searches };

  const router = createRouter();
  router.use(requestContext({ lifecycle, limits, log, metrics }));
  router.use(secureHeaders(SECURE));
  if (config.corsOrigins.length > 0) router.use(cors({ origin: [...config.corsOrigins], exposeHeaders: EXPOSED, maxAge: 600 }));
  router.use(sameSite({ keyless: config.keys.length === 0, corsOrigins: config.corsOrigins }));
  router.use(authenticate(config.keys, rates));
  for (const routes of ROUTES) router.route('/', routes(parts));
  router.route('/', openapiRoutes(router));
  router.route('/', pageRoutes());

  router.onError((error, c) => {
    const failure = failureOf(error);
    if (failure.status >= 500) c.var.log.error({ code: failure.code, ...withoutText(error) }, 'request failed');
    // What is left of the body is not waited for.
    if (failure.status === 408) c.header('connection', 'close');
    if (failure.retryAfter !== undefined) c.header('retry-after', String(failure.retryAfter));
    return c.json(errorBody(c.req.path, failure, c.var.requestId), failure.status);
  });
  router.notFound((c) => {
    const failure = failureOf(
      new DoorError(404, 'not_found', `There is no ${c.req.method} ${c.req.path.slice(0, 200)}. GET /openapi.json lists what there is.`),
    );
    return c.json(errorBody(c.req.path, failure, c.var.requestId), 404);
  });

  return {
    fetch: async (request, env = {}) => router.fetch(request, env),
    router,
    lifecycle,
    async close() {
      lifecycle.stop();
      await parts.jobs.close();
      metrics.close();
    },
  };
}

/** Enough to keep the store and the models busy; more would only slow each other down. */
const SEARCHES_PER_WORKER = 4;
const ANSWERS_PER_WORKER = 2;
const EXPOSED = ['x-request-id', 'rerank-status', 'search-cache', 'retry-after', 'location'];

/** Nothing on any page of this server may come from, or go to, another host. */
const SECURE: Parameters<typeof secureHeaders>[0] = {
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  // Over HTTP browsers ignore it, and TLS ends before this server, at whatever stands in front.
  strictTransportSecurity: false,
};
