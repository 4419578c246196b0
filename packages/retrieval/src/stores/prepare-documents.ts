import { randomUUID } from 'node:crypto';
import {
  type Embedder,
  type Metadata,
  type Passage,
  passageText,
  ResiftError,
  type TextEncoding,
  type TokenEmbedder,
  type Tokenizer,
} from '@resift/core';
import { type ChunkOptions, chunkSteps } from '../chunk.ts';
import { breaths } from '../internal/breaths.ts';
import { addSanitized, type Sanitized, sanitize, sanitizeJson } from '../sanitize.ts';
import { checkDocuments } from './check-documents.ts';
import type { SourceDocument } from './store.ts';
import { packEncoding } from './token-codec.ts';

export interface Ingestion {
  readonly embedder: Embedder;
  /** Keeps the token vectors of each passage too, so that reranking need not encode it again. The same model as `embedder` makes both in one pass. */
  readonly tokenEmbedder?: TokenEmbedder | undefined;
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
  /** `packed[i]` holds the token vectors of `passages[i]` (`token-codec.ts`), where there is a `tokenEmbedder`. */
  readonly packed?: readonly Uint8Array[];
}

const GROUP_PASSAGES = 256;

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
  let group: CutDocument[] = [];
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

type CutDocument = Omit<PreparedDocument, 'vectors' | 'packed'>;

/** What is searched of a passage: it is found by its document's title too. */
export function searchText(passage: { readonly title?: string; readonly text: string }): string {
  return passage.title ? `${passage.title}\n${passage.text}` : passage.text;
}

async function cutDocument(
  document: SourceDocument,
  { tokenizer, chunking }: Ingestion,
  signal: AbortSignal | undefined,
): Promise<CutDocument> {
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
  group: readonly CutDocument[],
  ingestion: Ingestion,
  signal: AbortSignal | undefined,
): Promise<PreparedDocument[]> {
  signal?.throwIfAborted();
  const texts = group.flatMap(({ passages }) => passages.map((passage) => passageText(passage, ingestion.tokenizer)));
  const { vectors, packed } = await encode(texts, ingestion, signal);
  let at = 0;
  return group.map((document) => {
    const from = at;
    at += document.passages.length;
    return { ...document, vectors: vectors.slice(from, at), ...(packed && { packed: packed.slice(from, at) }) };
  });
}

async function encode(texts: readonly string[], { embedder, tokenEmbedder }: Ingestion, signal: AbortSignal | undefined) {
  const encoded = tokenEmbedder && (await tokenEmbedder.encode(texts, 'document', { signal }));
  const encodings = encoded?.encodings as readonly TextEncoding[] | undefined;
  const inOnePass = tokenEmbedder?.id === embedder.id;
  const vectors =
    encodings && inOnePass ? encodings.map((one) => one?.sentence) : (await embedder.embed(texts, 'document', { signal })).vectors;
  checkVectors(vectors, texts.length, embedder);
  if (!encodings || !tokenEmbedder) return { vectors };

  const breathe = breaths();
  const packed: Uint8Array[] = [];
  for (const [i, text] of texts.entries()) {
    packed.push(packEncoding(text, checkEncoding(encodings[i], tokenEmbedder)));
    await breathe();
  }
  return { vectors, packed };
}

function checkEncoding(encoding: TextEncoding | undefined, { id, dimensions, tokenDimensions }: TokenEmbedder): TextEncoding {
  const finite = encoding?.sentence.every(Number.isFinite) && (encoding.tokens.scales ?? encoding.tokens.data).every(Number.isFinite);
  if (encoding && finite && encoding.sentence.length === dimensions && encoding.tokens.dimensions === tokenDimensions) return encoding;
  throw new ResiftError(
    'bad_output',
    `${id} gave no encoding of a text, one of the wrong size, or one that holds something that is not a finite number.`,
  );
}

/** A vector that is not finite would be found by nothing, or by everything. */
export function checkVectors(
  vectors: readonly (Float32Array | undefined)[],
  count: number,
  { id, dimensions }: Embedder,
): asserts vectors is readonly Float32Array[] {
  if (vectors.length !== count) throw new ResiftError('bad_output', `${id} gave ${vectors.length} vectors for ${count} texts.`);
  for (const vector of vectors) {
    if (vector?.length !== dimensions) {
      throw new ResiftError('bad_output', `${id} promised vectors of ${dimensions} numbers and gave one of ${vector?.length ?? 0}.`);
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
