import type { Reranker } from '@resift/core';
import { bearer, endpointOf, type HostedOptions, hostedReranker } from './hosted-reranker.ts';

export interface CohereOptions extends HostedOptions {
  /** The rest of a document is cut off by the server. Default: the server's, 4,096. */
  readonly maxTokensPerDocument?: number | undefined;
}

/** Cohere's rerank API, version 2. Scores from 0 to 1, not calibrated. */
export function cohereReranker(options: CohereOptions): Reranker<'similarity'> {
  const { model, key, maxTokensPerDocument, url = 'https://api.cohere.com' } = options;
  return hostedReranker(
    {
      name: 'Cohere',
      url: endpointOf(url, '/v2/rerank'),
      headers: bearer(key),
      scale: 'similarity',
      maxDocuments: 1_000,
      request: (query, documents) => ({
        model,
        query,
        documents,
        ...(maxTokensPerDocument && { max_tokens_per_doc: maxTokensPerDocument }),
      }),
    },
    options,
  );
}
