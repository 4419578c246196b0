import type { TextEncoding, TokenEmbedder } from '@resift/core';
import type { PlaidDocument } from '../plaid/pack-documents.ts';
import { unpackEncoding } from '../stores/token-codec.ts';
import type { LateEntry } from './late-entry.ts';

/** An entry as the index keeps it: its version, and as the text where its vectors are kept and of which text they are. */
export function plaidDocument({ version, key, id }: LateEntry): PlaidDocument {
  return { id: version, text: `${key} ${id}` };
}

/** The embedder for an index of `plaidDocument`s: it makes nothing, it reads what was kept. What is gone, or is of another text by now, has no tokens. */
export function keptEmbedder(
  embedder: TokenEmbedder,
  packed: (ids: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>,
): TokenEmbedder {
  const nothing: TextEncoding = {
    sentence: new Float32Array(embedder.dimensions),
    tokens: { count: 0, dimensions: embedder.tokenDimensions, data: new Float32Array(0) },
    truncated: false,
  };
  return {
    ...embedder,
    async encode(texts, kind, options) {
      if (kind === 'query') return embedder.encode(texts, kind, options);
      const asked = texts.map((text) => ({ key: text.slice(0, text.indexOf(' ')), id: text.slice(text.indexOf(' ') + 1) }));
      const found = await packed([...new Set(asked.map(({ id }) => id))]);
      const encodings = asked.map(({ key, id }) => {
        const bytes = found.get(id);
        return (bytes && unpackEncoding(bytes, key)) ?? nothing;
      });
      return { encodings, usage: {} };
    },
  };
}
