import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Everything `/metrics` shows. No label ever holds a tenant, a query or a document. */
export interface Metrics {
  readonly registry: Registry;
  readonly requests: Counter<'route' | 'status' | 'reason'>;
  readonly seconds: Histogram<'route'>;
  readonly reranks: Counter<'status' | 'reason'>;
  readonly pairs: Counter<'source'>;
  readonly searches: Counter<'result'>;
  readonly rejected: Counter<'stage' | 'reason'>;
  readonly queueWait: Histogram<'stage'>;
  readonly sseAborted: Counter<'cause'>;
  readonly sanitized: Counter<'class'>;
  readonly deadJobs: Counter<'code'>;
  readonly close: () => void;
}

/** Read when `/metrics` is asked. */
export interface Gauges {
  readonly inflight: () => number;
  readonly queueDepth: () => number;
  readonly redisFailures: () => number;
  readonly redisDown: () => number;
  readonly searchCacheBytes: () => number;
}

export function createMetrics({ inflight, queueDepth, redisFailures, redisDown, searchCacheBytes }: Gauges): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();

  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge('inflight', 'Requests being answered, streams included.', inflight);
  gauge('queue_depth', 'Query-document pairs waiting for the rerank queue.', queueDepth);
  gauge('event_loop_lag_seconds', 'Event loop delay since the last scrape, 99th percentile.', () => {
    // The sampler's own resolution is part of every sample.
    const lag = Math.max(0, loop.percentile(99) / 1e9 - 0.01);
    loop.reset();
    return Number.isFinite(lag) ? lag : 0;
  });
  gauge('redis_down', '1 while Redis is set and does not answer: requests go on without it.', redisDown);
  gauge('redis_failures', 'Calls of Redis that failed or were not made since the start.', redisFailures);
  gauge('search_cache_bytes', 'Memory that kept searches take, by estimate.', searchCacheBytes);
  gauge('process_resident_memory_bytes', 'Memory of this process.', () => process.memoryUsage.rss());

  return {
    registry,
    requests: new Counter({
      name: 'http_requests_total',
      help: 'Requests answered.',
      labelNames: ['route', 'status', 'reason'],
      registers,
    }),
    seconds: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time to the last byte.',
      labelNames: ['route'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
      registers,
    }),
    reranks: new Counter({
      name: 'rerank_total',
      help: 'Rerank calls by what became of them.',
      labelNames: ['status', 'reason'],
      registers,
    }),
    pairs: new Counter({ name: 'rerank_pairs_total', help: 'Pairs scored, or found in a cache.', labelNames: ['source'], registers }),
    searches: new Counter({
      name: 'search_cache_total',
      help: 'Searches answered from memory (hit), made and looked for there (miss), or made without looking (off).',
      labelNames: ['result'],
      registers,
    }),
    rejected: new Counter({
      name: 'admission_rejected_total',
      help: 'Searches, reranks and answers turned away.',
      labelNames: ['stage', 'reason'],
      registers,
    }),
    queueWait: new Histogram({
      name: 'queue_wait_seconds',
      help: 'Time a search, a rerank or an answer waited for its turn.',
      labelNames: ['stage'],
      buckets: [0.001, 0.01, 0.05, 0.1, 0.5, 1, 2],
      registers,
    }),
    sseAborted: new Counter({ name: 'sse_aborted_total', help: 'Streams that ended early.', labelNames: ['cause'], registers }),
    sanitized: new Counter({ name: 'sanitized_chars_total', help: 'Characters removed at ingest.', labelNames: ['class'], registers }),
    deadJobs: new Counter({ name: 'jobs_dead_total', help: 'Ingest jobs that failed for good.', labelNames: ['code'], registers }),
    close: () => loop.disable(),
  };
}
