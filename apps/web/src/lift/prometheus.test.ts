import { expect, it } from 'vitest';
import { latencyOf, readSamples, sumBy } from './prometheus.ts';

const TEXT = `# HELP rerank_total Rerank calls
rerank_total{status="applied",reason=""} 3
rerank_total{status="degraded",reason="timeout"} 1
rerank_total{status="degraded",reason="a \\"quoted\\" one"} 2
s_bucket{le="0.1",route="/v1/chat"} 4
s_bucket{le="0.5",route="/v1/chat"} 9
s_bucket{le="+Inf",route="/v1/chat"} 10
s_sum{route="/v1/chat"} 5
s_count{route="/v1/chat"} 10
inflight 1
`;

it('sums by a label', () => {
  expect(sumBy(readSamples(TEXT), 'rerank_total', 'status')).toEqual({ applied: 3, degraded: 3 });
  expect(sumBy(readSamples(TEXT), 'inflight', 'none')).toEqual({ '': 1 });
});

it('reads quantiles off the buckets', () => {
  const samples = readSamples(TEXT);
  expect(latencyOf(samples, 's', { route: '/v1/chat' })).toEqual({ count: 10, meanMs: 500, p50Ms: 500, p95Ms: Number.POSITIVE_INFINITY });
  expect(latencyOf(samples, 's', { route: '/v1/search' })).toBeUndefined();
});
