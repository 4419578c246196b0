import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
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
  readonly name: string;
  readonly documents: number;
  readonly passages: number;
  /** Absent where an earlier run had stored it. */
  readonly ingestMs?: number;
}

const NAME = 'eval';

/**
 * Stores a collection through the code that serves (chunking, embedding, LanceDB) under `runs`, once per content and embedder: a folder
 * with its mark was stored whole and is opened again; one without, left by a kill, is made anew.
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
  if (!known) await rm(directory, { recursive: true, force: true });

  const store = await openLanceStore({ directory, embedder, tokenizer });
  const started = performance.now();
  if (!known) {
    await store.put(NAME, documents, { onProgress: (done) => onProgress?.(done.documents) });
    writeFileSync(mark, '');
  }
  const summary = (await store.collections()).find(({ name }) => name === NAME);
  return {
    store,
    name: NAME,
    documents: summary?.documents ?? 0,
    passages: summary?.chunks ?? 0,
    ...(!known && { ingestMs: performance.now() - started }),
  };
}
