import type { Passage, RetrieveOptions, Scored, TokenEmbedder } from '@resift/core';
import { filterTags, metadataTags } from '../filter.ts';
import { breaths } from '../internal/breaths.ts';
import { tokenRows } from '../plaid/encode-documents.ts';
import { unpackTokens } from '../stores/token-codec.ts';
import { compareWith } from './compare.ts';
import { passes } from './late-entry.ts';

/** The passages of the greatest MaxSim, by comparing all of them. */
export async function compareAll(
  query: string,
  passages: readonly { readonly document: Passage; readonly packed: Uint8Array }[],
  embedder: TokenEmbedder,
  { topK, filter, signal }: RetrieveOptions,
): Promise<Scored<Passage>[]> {
  const groups = filterTags(filter);
  const { encodings } = await embedder.encode([query], 'query', { signal });
  const rows = tokenRows(embedder, encodings[0]);
  if (rows.length === 0) return [];
  const compare = compareWith(rows, embedder.tokenDimensions);
  const breathe = breaths();
  const scored: Scored<Passage>[] = [];
  for (const { document, packed } of passages) {
    if (!passes({ tags: metadataTags(document.metadata) }, groups)) continue;
    scored.push({ document, score: compare(unpackTokens(packed)) });
    await breathe();
    signal?.throwIfAborted();
  }
  return scored.sort((a, b) => b.score - a.score || (a.document.id < b.document.id ? -1 : 1)).slice(0, topK);
}
