import type { Reranker } from '@resift/core';
import { bearer, endpointOf, type HostedOptions, hostedReranker } from './hosted-reranker.ts';

/** Jina AI's rerank API. Scores are not calibrated. */
export function jinaReranker(options: HostedOptions): Reranker<'similarity'> {
  const { model, key, url = 'https://api.jina.ai' } = options;
  return hostedReranker(
    {
      name: 'Jina',
      url: endpointOf(url, '/v1/rerank'),
      headers: bearer(key),
      scale: 'similarity',
      maxDocuments: 1_000,
      request: (query, documents) => ({ model, query, documents, return_documents: false }),
    },
    options,
  );
}
