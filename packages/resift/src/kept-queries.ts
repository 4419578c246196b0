import type { Embedder, TextEncoding, TokenEmbedder } from '@resift/core';

/** Questions whose encodings are remembered: each is asked for twice, by the search and by the reranker. About 10 KiB each. */
const MOST = 256;

/** Remembers the encodings of the last questions, so that retrieval and reranking read a question once. Only for encoders whose output does not depend on the rest of the batch. */
export function keptQueries<E extends Embedder & TokenEmbedder>(encoder: E): E {
  const kept = new Map<string, TextEncoding>();

  function recall(query: string): TextEncoding | undefined {
    const known = kept.get(query);
    if (!known) return undefined;
    kept.delete(query);
    kept.set(query, known); // now the youngest
    return known;
  }

  const encode: TokenEmbedder['encode'] = async (texts, kind, options) => {
    const [query] = texts;
    if (kind !== 'query' || texts.length !== 1 || typeof query !== 'string') return encoder.encode(texts, kind, options);
    options?.signal?.throwIfAborted();
    const known = recall(query);
    if (known) return { encodings: [known], usage: {} };
    const made = await encoder.encode(texts, kind, options);
    if (made.encodings[0]) {
      kept.set(query, made.encodings[0]);
      if (kept.size > MOST) kept.delete(kept.keys().next().value!);
    }
    return made;
  };

  return {
    ...encoder,
    encode,
    async embed(texts, kind, options) {
      // A budget may leave a text out, which only `embed` itself can refuse.
      if (kind !== 'query' || texts.length !== 1 || options?.tokenBudget !== undefined) return encoder.embed(texts, kind, options);
      const { encodings, usage } = await encode(texts, kind, options);
      return { vectors: [encodings[0]!.sentence], usage };
    },
  };
}
