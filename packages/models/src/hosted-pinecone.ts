import type { Reranker } from '@resift/core';
import { endpointOf, type HostedOptions, hostedReranker } from './hosted-reranker.ts';

export interface PineconeOptions extends HostedOptions {
  /** Default `2025-04`. */
  readonly apiVersion?: string | undefined;
}

/** Pinecone Inference's rerank API; long documents are cut off by the server. Scores are not calibrated. */
export function pineconeReranker(options: PineconeOptions): Reranker<'similarity'> {
  const { model, key, apiVersion = '2025-04', url = 'https://api.pinecone.io' } = options;
  return hostedReranker(
    {
      name: 'Pinecone',
      url: endpointOf(url, '/rerank'),
      headers: { 'x-pinecone-api-version': apiVersion, ...(key && { 'api-key': key }) },
      scale: 'similarity',
      maxDocuments: 100,
      request: (query, texts) => ({
        model,
        query,
        documents: texts.map((text, i) => ({ id: String(i), text })),
        top_n: texts.length,
        return_documents: false,
        parameters: { truncate: 'END' },
      }),
    },
    options,
  );
}
