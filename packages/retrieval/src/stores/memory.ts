import { type Passage, ResiftError, type RetrieveOptions, type Retriever, type Scored } from '@resift/core';
import { type Analyzer, createAnalyzer } from '../analyze.ts';
import { filterTags, metadataTags } from '../filter.ts';
import { checkRetrieval } from '../internal/check-retrieval.ts';
import { createVectorIndex, type VectorIndex } from '../internal/vector-index.ts';
import { compareAll } from '../late/compare-all.ts';
import { createLexicalIndex, type LexicalIndex } from '../lexical-index.ts';
import { createChangeCount } from './change-count.ts';
import { checkCollection, checkId } from './check-documents.ts';
import { encodingMemory, keptEncodings } from './kept-encodings.ts';
import { checkVectors, type Ingestion, type PreparedDocument, prepareDocuments, searchText } from './prepare-documents.ts';
import type { DocumentSummary, PutResult, SourceDocument, Store, StoredDocument, StoreLeg } from './store.ts';

interface Collection {
  readonly documents: Map<string, PreparedDocument>;
  readonly passages: Map<string, Passage>;
  readonly packed: Map<string, Uint8Array>;
  readonly lexical: LexicalIndex;
  readonly vectors: VectorIndex;
}

/** A store that lasts as long as the process: for tests, and for collections of up to some ten thousand passages. */
export function openMemoryStore(ingestion: Ingestion): Store {
  const collections = new Map<string, Collection>();
  const changes = createChangeCount();
  const analyze = createAnalyzer();
  const { tokenEmbedder } = ingestion;
  const kept = tokenEmbedder && { tokenVectors: 'kept' as const };

  function collection(name: string): Collection {
    const found = collections.get(checkCollection(name));
    if (!found) throw new ResiftError('not_found', `There is no collection ${JSON.stringify(name)}.`, { details: { collection: name } });
    return found;
  }

  function created(name: string): Collection {
    const known = collections.get(checkCollection(name));
    if (known) return known;
    const fresh = emptyCollection(analyze);
    collections.set(name, fresh);
    return fresh;
  }

  return {
    async collections() {
      return [...collections]
        .map(([name, { documents, passages }]) => ({ name, documents: documents.size, chunks: passages.size, ...kept }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async createCollection(name) {
      created(name);
    },
    version: async (name) => {
      collection(name);
      return changes.of(name);
    },
    async deleteCollection(name) {
      changes.note(name);
      return collections.delete(checkCollection(name));
    },
    async put(name, documents: readonly SourceDocument[], { signal, onProgress } = {}) {
      checkCollection(name);
      const results: PutResult[] = [];
      for await (const group of prepareDocuments(documents, ingestion, signal)) {
        const target = created(name);
        for (const document of group) results.push(store(target, document));
        changes.note(name);
        onProgress?.({ documents: results.length, chunks: results.reduce((sum, { chunks }) => sum + chunks, 0) });
      }
      created(name);
      return results;
    },
    async reindex(name, { signal, onProgress } = {}) {
      const old = [...collection(name).documents.values()];
      const fresh = emptyCollection(analyze);
      for await (const group of prepareDocuments(old, ingestion, signal)) {
        for (const document of group)
          store(fresh, { ...document, createdAt: collection(name).documents.get(document.id)?.createdAt ?? document.createdAt });
        onProgress?.({ documents: fresh.documents.size, chunks: fresh.passages.size });
      }
      collections.set(name, fresh);
      changes.note(name);
      return { documents: fresh.documents.size, chunks: fresh.passages.size };
    },
    async get(name, id) {
      const found = collection(name).documents.get(checkId(id));
      return found && stored(found);
    },
    async list(name, { cursor, limit }) {
      const all = [...collection(name).documents.keys()]
        .filter((id) => cursor === undefined || compareBytes(id, cursor) > 0)
        .sort(compareBytes);
      const documents = all.slice(0, limit).map((id) => summary(collection(name).documents.get(id)!));
      const last = documents.at(-1);
      return { documents, ...(all.length > limit && last && { next: last.id }) };
    },
    async delete(name, id) {
      const target = collection(name);
      changes.note(name);
      return remove(target, checkId(id));
    },
    retriever(name, leg: StoreLeg): Retriever<Passage> {
      return {
        id: leg,
        async retrieve(query, options) {
          checkRetrieval(query, options);
          const target = collection(name);
          const found = leg === 'bm25' ? searchWords(target, query, options) : await searchVectors(target, query, options);
          return found.flatMap(({ key, score }): Scored<Passage>[] => {
            const document = target.passages.get(key);
            return document ? [{ document, score }] : [];
          });
        },
      };
    },
    ...(tokenEmbedder && {
      late: (name) => ({
        id: `late:${tokenEmbedder.id}`,
        async retrieve(query, options) {
          checkRetrieval(query, options);
          const { passages, packed } = collection(name);
          const stored = [...passages.values()].map((document) => ({ document, packed: packed.get(document.id)! }));
          return compareAll(query, stored, tokenEmbedder, options);
        },
      }),
      encodings: async (name, documents, options) => {
        const { packed } = collection(name);
        return keptEncodings(async () => packed, encodingMemory(0))(documents, options);
      },
    }),
    async close() {
      collections.clear();
    },
    async [Symbol.asyncDispose]() {
      collections.clear();
    },
  };

  function searchWords({ lexical }: Collection, query: string, { topK, filter }: RetrieveOptions) {
    return lexical.search(query, topK, filterTags(filter));
  }

  async function searchVectors({ vectors }: Collection, query: string, { topK, filter, signal }: RetrieveOptions) {
    const groups = filterTags(filter);
    const answer = await ingestion.embedder.embed([query], 'query', { signal });
    checkVectors(answer.vectors, 1, ingestion.embedder);
    return vectors.search(answer.vectors[0]!, topK, groups);
  }
}

function emptyCollection(analyze: Analyzer): Collection {
  return {
    documents: new Map(),
    passages: new Map(),
    packed: new Map(),
    lexical: createLexicalIndex(analyze),
    vectors: createVectorIndex(),
  };
}

/** Nothing in here waits, so no reader sees half a document. */
function store(target: Collection, document: PreparedDocument): PutResult {
  const replaced = remove(target, document.id);
  const tags = metadataTags(document.metadata);
  target.documents.set(document.id, document);
  for (const [i, passage] of document.passages.entries()) {
    target.passages.set(passage.id, passage);
    target.lexical.add(passage.id, searchText(passage), tags);
    target.vectors.add(passage.id, document.vectors[i]!, tags);
    if (document.packed) target.packed.set(passage.id, document.packed[i]!);
  }
  const { id, passages, sanitized } = document;
  return { id, chunks: passages.length, replaced, ...(sanitized && { sanitized }) };
}

function remove(target: Collection, id: string): boolean {
  const known = target.documents.get(id);
  if (!known) return false;
  for (const passage of known.passages) {
    target.passages.delete(passage.id);
    target.lexical.remove(passage.id);
    target.vectors.remove(passage.id);
    target.packed.delete(passage.id);
  }
  return target.documents.delete(id);
}

function summary({ id, title, url, metadata, passages, createdAt }: PreparedDocument): DocumentSummary {
  return { id, ...(title && { title }), ...(url && { url }), ...(metadata && { metadata }), chunks: passages.length, createdAt };
}

function stored(document: PreparedDocument): StoredDocument {
  return { ...summary(document), text: document.text };
}

/** The order of UTF-8 bytes, as the durable store sorts. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
