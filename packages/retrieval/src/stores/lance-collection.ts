import type { Connection, Table } from '@lancedb/lancedb';
import { type Embedder, type Filter, type Passage, ResiftError, type RetrieveOptions, type Scored, type TokenEmbedder } from '@resift/core';
import type { Analyzer } from '../analyze.ts';
import { filterTags, metadataTags } from '../filter.ts';
import { breaths } from '../internal/breaths.ts';
import { createLexicalIndex, type LexicalIndex } from '../lexical-index.ts';
import { passagesOf, readRows, scanPassages } from './lance-passages.ts';
import {
  among,
  DOCUMENT_COLUMNS,
  describedBy,
  EMBEDDER_KEY,
  PASSAGE_COLUMNS,
  passageOf,
  quoted,
  type Row,
  TOKENS_COLUMN,
  TOKENS_KEY,
  tableRows,
  tableSchema,
  tagsPredicate,
} from './lance-table.ts';
import { openVectorIndex } from './lance-vector-index.ts';
import { checkVectors, type PreparedDocument, searchText } from './prepare-documents.ts';
import type { CollectionSummary, DocumentSummary, StoredDocument } from './store.ts';

/** One open collection: the table is the only truth; what is in memory is made from it and follows each commit. */
export interface LanceCollection {
  /** The table that was opened, and its version then. */
  readonly table: string;
  readonly version: number;
  readonly documents: number;
  readonly chunks: number;
  /** Undefined where the store keeps none. */
  readonly tokenVectors: CollectionSummary['tokenVectors'] | undefined;
  /** Small files that were there when it was opened and are not merged yet: earlier processes may have ended before they merged theirs. */
  readonly smallFiles: number;
  /** Each document in one commit. Gives back which ones replaced another. Callers take turns. */
  commit(documents: readonly PreparedDocument[]): Promise<boolean[]>;
  remove(id: string): Promise<boolean>;
  /** All passages. */
  scan(): AsyncIterable<Passage>;
  /** Those of these ids that are there and pass the filter. */
  passagesOf(ids: readonly string[], filter?: Filter | undefined): Promise<Map<string, Passage>>;
  searchWords(query: string, options: RetrieveOptions): Promise<Scored<Passage>[]>;
  searchVectors(query: string, options: RetrieveOptions): Promise<Scored<Passage>[]>;
  /** Packed token vectors of this model by passage id. */
  packed(ids: readonly string[]): Promise<Map<string, Uint8Array>>;
  get(id: string): Promise<StoredDocument | undefined>;
  list(cursor: string | undefined, limit: number): Promise<{ documents: DocumentSummary[]; next?: string }>;
  /** Throws `invalid_config` where the vectors are of another model. */
  checkEmbedder(): void;
  /** Merges small files and brings the indexes up to date. Searches go on meanwhile. */
  optimize(): Promise<void>;
  close(): void;
}

/** Asked for beyond the end, so that equal passages at the end are taken by id, not by chance. */
const TIES = 16;

export interface CollectionSettings {
  readonly embedder: Embedder;
  readonly tokenEmbedder?: TokenEmbedder | undefined;
  readonly analyze: Analyzer;
  /** From so many passages on, vectors are searched through an index. */
  readonly indexVectorsFrom: number;
  /** Old versions are kept so long, for searches that still read them. */
  readonly keepVersionsMs: number;
}

export async function openCollection(
  database: Connection,
  name: string,
  { embedder, tokenEmbedder, analyze, indexVectorsFrom, keepVersionsMs }: CollectionSettings,
  tableName: string = name,
): Promise<LanceCollection> {
  const table = await database.openTable(tableName);
  const version = await table.version();
  const schema = await table.schema();
  // The driver loads another copy of apache-arrow than we do (CommonJS, ES module): rows are built with types of our own copy.
  const hasColumn = schema.fields.some((field) => field.name === TOKENS_COLUMN);
  const ofTokens = schema.metadata.get(TOKENS_KEY);
  const ownSchema = tableSchema(embedder.dimensions, embedder.id, hasColumn ? ofTokens : undefined);
  const keepsTokens = hasColumn && ofTokens !== undefined && ofTokens === tokenEmbedder?.id;
  const rowsOf = (documents: readonly PreparedDocument[]) =>
    // Vectors of one model never stand where another is named.
    tableRows(keepsTokens ? documents : documents.map(({ packed: _, ...rest }) => rest), ownSchema);
  const lexical = createLexicalIndex(analyze);
  const chunksOf = new Map<string, number>();
  const vectorIndex = await openVectorIndex(table, indexVectorsFrom);
  await load(table, lexical, chunksOf);
  let smallFiles = (await table.stats()).fragmentStats.numSmallFragments;

  function apply(document: PreparedDocument) {
    forget(document.id);
    const tags = metadataTags(document.metadata);
    for (const passage of document.passages) lexical.add(passage.id, searchText(passage), tags);
    chunksOf.set(document.id, document.passages.length);
  }

  async function applyAll(documents: readonly PreparedDocument[]) {
    const breathe = breaths();
    for (const document of documents) {
      apply(document);
      await breathe();
    }
  }

  function forget(id: string) {
    const count = chunksOf.get(id) ?? 0;
    for (let position = 0; position < count; position++) lexical.remove(`${id}#${position}`);
    chunksOf.delete(id);
  }

  function checkEmbedder() {
    const stamped = schema.metadata.get(EMBEDDER_KEY);
    if (stamped === embedder.id) return;
    throw new ResiftError(
      'invalid_config',
      `The vectors of collection ${JSON.stringify(name)} were made by ${stamped ?? 'an unknown model'}, but the model in use is ${embedder.id}. Run \`resift reindex ${name}\`, or use that model.`,
      { details: { reason: 'embedder_mismatch', collection: name, stored: stamped, used: embedder.id } },
    );
  }

  return {
    table: tableName,
    version,
    get documents() {
      return chunksOf.size;
    },
    get chunks() {
      return lexical.size;
    },
    tokenVectors: tokenEmbedder && (keepsTokens ? 'kept' : hasColumn ? 'other model' : 'missing'),
    get smallFiles() {
      return smallFiles;
    },
    async commit(documents) {
      const replaced = documents.map(({ id }) => chunksOf.has(id));
      const fresh = documents.filter((_, i) => !replaced[i]);
      const changed = documents.filter((_, i) => replaced[i]);
      if (fresh.length > 0) {
        await table.add(rowsOf(fresh));
        fresh.forEach(apply);
      }
      if (changed.length > 0) {
        // New rows in and leftover rows of the same documents out, in one commit.
        await table
          .mergeInsert('id')
          .whenMatchedUpdateAll()
          .whenNotMatchedInsertAll()
          .whenNotMatchedBySourceDelete({
            where: among(
              'document_id',
              changed.map(({ id }) => id),
            ),
          })
          .execute(rowsOf(changed));
        await applyAll(changed);
      }
      return replaced;
    },
    async remove(id) {
      if (!chunksOf.has(id)) return false;
      await table.delete(`document_id = ${quoted(id)}`);
      forget(id);
      return true;
    },
    scan: () => scanPassages(table),
    passagesOf: (ids, filter) => passagesOf(table, ids, filter),
    async searchWords(query, { topK, filter }) {
      const found = lexical.search(query, topK, filterTags(filter));
      const ids = found.map(({ key }) => key);
      const passages = await passagesOf(table, ids);
      return found.flatMap(({ key, score }) => {
        const document = passages.get(key);
        return document ? [{ document, score }] : []; // deleted in between
      });
    },
    async searchVectors(query, { topK, filter, signal }) {
      checkEmbedder();
      const predicate = tagsPredicate(filterTags(filter));
      const { vectors } = await embedder.embed([query], 'query', { signal });
      checkVectors(vectors, 1, embedder);
      if (topK === 0 || lexical.size === 0) return [];
      let search = table
        .query()
        .nearestTo(vectors[0]!)
        .distanceType('dot')
        .select([...PASSAGE_COLUMNS, '_distance'])
        .limit(topK + TIES);
      // An index looks at the nearest regions only, and what a filter leaves may lie in others: with a filter the search is exact.
      if (predicate) search = search.where(predicate).bypassVectorIndex();
      else search = search.nprobes(vectorIndex.probes);
      const found: Scored<Passage>[] = [];
      for await (const batch of search) {
        for (const row of readRows(batch, [...PASSAGE_COLUMNS, '_distance'])) {
          found.push({ document: passageOf(row), score: 1 - (row['_distance'] as number) });
        }
      }
      return found.sort((a, b) => b.score - a.score || (a.document.id < b.document.id ? -1 : 1)).slice(0, topK);
    },
    async packed(ids) {
      const found = new Map<string, Uint8Array>();
      if (!keepsTokens || ids.length === 0) return found;
      const query = table.query().where(among('id', ids)).select(['id', TOKENS_COLUMN]).limit(ids.length);
      for await (const batch of query) {
        const [names, values] = [batch.getChild('id')!, batch.getChild(TOKENS_COLUMN)!];
        for (let i = 0; i < batch.numRows; i++) {
          const bytes = values.get(i) as Uint8Array | null;
          if (bytes) found.set(names.get(i) as string, bytes);
        }
      }
      return found;
    },
    async get(id) {
      const [row]: Row[] = await table
        .query()
        .where(`document_id = ${quoted(id)} AND position = 0`)
        .select(DOCUMENT_COLUMNS)
        .limit(1)
        .toArray();
      return row && { ...summaryOf(row), text: row['document'] as string };
    },
    async list(cursor, limit) {
      const after = cursor === undefined ? '' : ` AND document_id > ${quoted(cursor)}`;
      const rows: Row[] = await table
        .query()
        .where(`position = 0${after}`)
        .select(DOCUMENT_COLUMNS.filter((column) => column !== 'document'))
        .orderBy({ columnName: 'document_id' })
        .limit(limit + 1)
        .toArray();
      const documents = rows.slice(0, limit).map(summaryOf);
      const last = documents.at(-1);
      return { documents, ...(rows.length > limit && last && { next: last.id }) };
    },
    checkEmbedder,
    async optimize() {
      await table.optimize({ cleanupOlderThan: new Date(Date.now() - keepVersionsMs) });
      smallFiles = 0;
      await vectorIndex.update(lexical.size);
    },
    close: () => table.close(),
  };
}

/** Reads the words of all passages, in slices, so that the event loop stays free. */
async function load(table: Table, lexical: LexicalIndex, chunksOf: Map<string, number>) {
  const breathe = breaths();
  const names = ['id', 'document_id', 'text', 'title', 'metadata', 'chunks'];
  for await (const batch of table.query().select(names)) {
    const columns = names.map((name) => batch.getChild(name)!);
    for (let i = 0; i < batch.numRows; i++) {
      const [id, documentId, text, title, metadata, chunks] = columns.map((column) => column.get(i)) as [
        string,
        string,
        string,
        string | null,
        string | null,
        number,
      ];
      const about = describedBy({ title, metadata, url: null });
      lexical.add(id, searchText({ ...about, text }), metadataTags(about.metadata));
      chunksOf.set(documentId, chunks);
      await breathe();
    }
  }
}

function summaryOf(row: Row): DocumentSummary {
  return { id: row['document_id'] as string, ...describedBy(row), chunks: row['chunks'] as number, createdAt: row['created_at'] as number };
}
