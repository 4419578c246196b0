import type { Reranker } from '@resift/core';
import { bearer, endpointOf, type HostedOptions, hostedReranker } from './hosted-reranker.ts';

export interface CompatibleOptions<S extends 'logit' | 'similarity'> extends HostedOptions {
  readonly url: string;
  /** Default `/v1/rerank`; vLLM has `/rerank`, `/v1/rerank` and `/v2/rerank`, Infinity `/rerank`. */
  readonly path?: string | undefined;
  /** What the server's numbers are. Default `similarity`; `logit` where it was told to give raw scores (`body: { raw_scores: true }` for Infinity, `{ use_activation: false }` for vLLM). */
  readonly scale?: S | undefined;
}

/** Any server with a rerank endpoint of Cohere's shape: vLLM, Infinity, LiteLLM, LocalAI, and resift's own API. */
export function compatibleReranker<S extends 'logit' | 'similarity' = 'similarity'>(options: CompatibleOptions<S>): Reranker<S> {
  const { model, key, url, path = '/v1/rerank', scale } = options;
  return hostedReranker<S>(
    {
      name: 'rerank server',
      url: endpointOf(url, path),
      headers: bearer(key),
      scale: scale ?? ('similarity' as S),
      maxDocuments: 100,
      // Sent as 0 by some clients, `top_n` means "all" to some servers and "none" to others.
      request: (query, documents) => ({ model, query, documents, top_n: documents.length }),
    },
    options,
  );
}
