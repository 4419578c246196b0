import { randomUUID } from 'node:crypto';
import { type Embedder, type Metadata, type Passage, ResiftError, type Tokenizer } from '@resift/core';
import { type ChunkOptions, chunkSteps } from '../chunk.ts';
import { breaths } from '../internal/breaths.ts';
import { addSanitized, type Sanitized, sanitize, sanitizeJson } from '../sanitize.ts';
import { checkDocuments } from './check-documents.ts';
import type { SourceDocument } from './store.ts';

export interface Ingestion {
  readonly embedder: Embedder;
  readonly tokenizer: Tokenizer;
  readonly chunking?: Omit<ChunkOptions, 'tokenizer'> | undefined;
}

/** A document with everything that a store keeps of it. */
export interface PreparedDocument {
  readonly id: string;
  readonly text: string;
  readonly title?: string;
  readonly url?: string;
  readonly metadata?: Metadata;
  readonly createdAt: number;
  readonly sanitized?: Sanitized;
  readonly passages: readonly Passage[];
  /** `vectors[i]` belongs to `passages[i]`. */
  readonly vectors: readonly Float32Array[];
}

const GROUP_PASSAGES = 256;
/** Together with the default chunk and two special tokens this stays within 256. */
const TITLE_TOKENS = 28;

/**
 * Checks all documents, then sanitizes, cuts and embeds them in groups of about 256 passages, so that memory stays bounded.
 * The event loop gets a turn every few milliseconds.
 */
export async function* prepareDocuments(
  documents: readonly SourceDocument[],
  ingestion: Ingestion,
  signal: AbortSignal | undefined,
): AsyncGenerator<PreparedDocument[], void, undefined> {
  checkDocuments(documents);
  for (const [index, { text }] of documents.entries()) {
    if (sanitize(text).text.trim() === '') throw emptyText(index);
  }
  let group: Omit<PreparedDocument, 'vectors'>[] = [];
  let passages = 0;
  for (const document of documents) {
    const cut = await cutDocument(document, ingestion, signal);
    group.push(cut);
    passages += cut.passages.length;
    if (passages >= GROUP_PASSAGES) {
      yield await embedGroup(group, ingestion, signal);
      group = [];
      passages = 0;
    }
  }
  if (group.length > 0) yield await embedGroup(group, ingestion, signal);
}

/** What is searched of a passage: it is found by its document's title too. */
export function searchText(passage: { readonly title?: string; readonly text: string }): string {
  return passage.title ? `${passage.title}\n${passage.text}` : passage.text;
}

async function cutDocument(
  document: SourceDocument,
  { tokenizer, chunking }: Ingestion,
  signal: AbortSignal | undefined,
): Promise<Omit<PreparedDocument, 'vectors'>> {
  const id = document.id ?? randomUUID();
  const text = sanitize(document.text);
  const rest = sanitizeJson({
    ...(document.title && { title: document.title }),
    ...(document.url && { url: document.url }),
    ...(document.metadata && { metadata: document.metadata }),
  });
  const sanitized = addSanitized(text.sanitized, rest.sanitized);

  const passages: Passage[] = [];
  const breathe = breaths();
  for (const { start, end, text: part } of chunkSteps(text.text, { ...chunking, tokenizer })) {
    await breathe();
    signal?.throwIfAborted();
    passages.push({ id: `${id}#${passages.length}`, documentId: id, text: part, start, end, ...rest.value });
  }
  return { id, text: text.text, ...rest.value, createdAt: Date.now(), ...(sanitized && { sanitized }), passages };
}

async function embedGroup(
  group: readonly Omit<PreparedDocument, 'vectors'>[],
  { embedder, tokenizer }: Ingestion,
  signal: AbortSignal | undefined,
): Promise<PreparedDocument[]> {
  signal?.throwIfAborted();
  const texts = group.flatMap(({ passages }) =>
    passages.map((passage) =>
      searchText(passage.title ? { text: passage.text, title: tokenizer.truncate(passage.title, TITLE_TOKENS) } : passage),
    ),
  );
  const { vectors } = await embedder.embed(texts, 'document', { signal });
  checkVectors(vectors, texts.length, embedder);
  let at = 0;
  return group.map((document) => {
    const from = at;
    at += document.passages.length;
    return { ...document, vectors: vectors.slice(from, at) };
  });
}

/** A vector that is not finite would be found by nothing, or by everything. */
export function checkVectors(vectors: readonly Float32Array[], count: number, { id, dimensions }: Embedder): void {
  if (vectors.length !== count) throw new ResiftError('bad_output', `${id} gave ${vectors.length} vectors for ${count} texts.`);
  for (const vector of vectors) {
    if (vector.length !== dimensions) {
      throw new ResiftError('bad_output', `${id} promised vectors of ${dimensions} numbers and gave one of ${vector.length}.`);
    }
    if (!vector.every(Number.isFinite))
      throw new ResiftError('bad_output', `${id} gave a vector that holds something that is not a finite number.`);
  }
}

function emptyText(index: number): ResiftError {
  return new ResiftError('unusable_content', `documents[${index}].text holds nothing but white space: expected something to search for.`, {
    details: { field: `documents[${index}].text` },
  });
}
