import type { Reranker } from '@resift/core';
import { bearer, endpointOf, type HostedOptions, hostedReranker } from './hosted-reranker.ts';

/** A server of Hugging Face's text-embeddings-inference. It has one model, so `model` only names it. Its logits are asked for, since probabilities saturate into ties. */
export function teiReranker(options: HostedOptions & { readonly url: string }): Reranker<'logit'> {
  const { key, url } = options;
  return hostedReranker(
    {
      name: 'TEI',
      url: endpointOf(url, '/rerank'),
      headers: bearer(key),
      scale: 'logit',
      maxDocuments: 32,
      request: (query, texts) => ({ query, texts, raw_scores: true, return_text: false, truncate: true }),
    },
    options,
  );
}
