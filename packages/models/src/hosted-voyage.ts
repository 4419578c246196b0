import type { Reranker } from '@resift/core';
import { bearer, endpointOf, type HostedOptions, hostedReranker } from './hosted-reranker.ts';

/** Voyage AI's rerank API; long documents are cut off by the server. Scores are not calibrated. */
export function voyageReranker(options: HostedOptions): Reranker<'similarity'> {
  const { model, key, url = 'https://api.voyageai.com' } = options;
  return hostedReranker(
    {
      name: 'Voyage',
      url: endpointOf(url, '/v1/rerank'),
      headers: bearer(key),
      scale: 'similarity',
      maxDocuments: 1_000,
      request: (query, documents) => ({ model, query, documents, return_documents: false, truncation: true }),
    },
    options,
  );
}
