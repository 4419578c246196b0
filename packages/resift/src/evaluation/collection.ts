import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Embedder, Tokenizer } from '@resift/core';
import { openLanceStore } from '@resift/retrieval/stores/lancedb';
import type { SourceDocument, Store } from '@resift/retrieval/stores/store';

/** A document of an evaluation collection: its id is what judgements name. */
export interface EvalDocument extends SourceDocument {
  readonly id: string;
}

export interface OpenedCollection {
  readonly store: Store;
  readonly tokenizer: Tokenizer;
  readonly name: string;
  readonly documents: number;
  readonly passages: number;
  /** Absent where an earlier run had stored it. */
  readonly ingestMs?: number;
}

const NAME = 'eval';

/**
 * Stores a collection through the code that serves (chunking, embedding, LanceDB) under `runs`, once per content and embedder: a folder
 * with its mark was stored whole and is opened again; one without, left by a kill, gets what is missing.
 */
export async function openCollection(
  documents: readonly EvalDocument[],
  {
    runs,
    embedder,
    tokenizer,
    onProgress,
  }: {
    readonly runs: string;
    readonly embedder: Embedder;
    readonly tokenizer: Tokenizer;
    readonly onProgress?: (documents: number) => void;
  },
): Promise<OpenedCollection> {
  const hash = createHash('sha256').update(embedder.id);
  for (const document of documents) hash.update(JSON.stringify(document));
  const directory = join(runs, 'collections', hash.digest('hex').slice(0, 16));
  const mark = join(directory, 'whole');
  const known = existsSync(mark);

  const store = await openLanceStore({ directory, embedder, tokenizer });
  try {
    const started = performance.now();
    if (!known) {
      const stored = await storedIds(store);
      const missing = documents.filter(({ id }) => !stored.has(id));
      await store.put(NAME, missing, { onProgress: (done) => onProgress?.(stored.size + done.documents) });
      writeFileSync(mark, '');
    }
    const summary = (await store.collections()).find(({ name }) => name === NAME);
    return {
      store,
      tokenizer,
      name: NAME,
      documents: summary?.documents ?? 0,
      passages: summary?.chunks ?? 0,
      ...(!known && { ingestMs: performance.now() - started }),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function storedIds(store: Store): Promise<Set<string>> {
  const ids = new Set<string>();
  if (!(await store.collections()).some(({ name }) => name === NAME)) return ids;
  for (let cursor: string | undefined; ; ) {
    const page = await store.list(NAME, { ...(cursor !== undefined && { cursor }), limit: 1_000 });
    for (const { id } of page.documents) ids.add(id);
    if (page.next === undefined) return ids;
    cursor = page.next;
  }
}
