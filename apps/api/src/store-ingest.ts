import type { PutOptions, Store } from '@resift/retrieval/stores/store';
import type { Ingest } from './ingest-body.ts';
import type { IngestResult } from './ingest-result.ts';

/** Puts what came in into the store; what the file readers removed counts with what the store removed. */
export async function storeIngest(store: Store, ingest: Ingest, options: PutOptions): Promise<IngestResult> {
  const { collection, documents } = ingest;
  const results = await store.put(collection, documents, options);
  return {
    collection,
    documents: results.map(({ id, chunks, replaced, sanitized }) => {
      const removed = sum(ingest.sanitized.get(id), sanitized);
      return { id, chunks, replaced, ...(removed && { sanitized: removed }) };
    }),
  };
}

function sum(a: Readonly<Record<string, number>> | undefined, b: Readonly<Record<string, number>> | undefined) {
  if (!a && !b) return undefined;
  const total: Record<string, number> = { ...a };
  for (const [kind, count] of Object.entries(b ?? {})) total[kind] = (total[kind] ?? 0) + count;
  return total;
}
