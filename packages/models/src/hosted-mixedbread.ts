import type { Reranker } from '@resift/core';
import { bearer, endpointOf, type HostedOptions, hostedReranker } from './hosted-reranker.ts';

/** Mixedbread's reranking API. Scores are not calibrated. */
export function mixedbreadReranker(options: HostedOptions): Reranker<'similarity'> {
  const { model, key, url = 'https://api.mixedbread.com' } = options;
  return hostedReranker(
    {
      name: 'Mixedbread',
      url: endpointOf(url, '/v1/reranking'),
      headers: bearer(key),
      scale: 'similarity',
      maxDocuments: 1_000,
      // It gives the best 10 unless told otherwise.
      request: (query, input) => ({ model, query, input, top_k: input.length, return_input: false }),
    },
    options,
  );
}
