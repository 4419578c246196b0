import type { z } from '@hono/zod-openapi';
import { isResiftError, ResiftError } from '@resift/core';
import type { LoadedDocument } from '@resift/retrieval/load';
import type { Context } from 'hono';
import type { AppEnv } from './app-env.ts';
import { CollectionName, DEFAULT_COLLECTION } from './collection-name.ts';
import { type DocumentInput, documentSchema, type NamedDocument, sourceDocuments } from './document-input.ts';
import { DoorError } from './errors.ts';
import type { Limits } from './limits.ts';
import { mediaType, parseJson, readBytes, readText } from './middleware/json-body.ts';
import { shapeError } from './router.ts';

export interface Ingest {
  readonly collection: string;
  readonly documents: readonly NamedDocument[];
  readonly bytes: number;
  /** What the file readers removed, by document id. */
  readonly sanitized: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

const NDJSON: ReadonlySet<string> = new Set(['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines']);
const SLICE_MS = 5;
const NOTHING: Ingest['sanitized'] = new Map();

/** Reads a body of `POST /v1/documents`: JSON, one JSON document a line, or files. `body` is the schema of the JSON form. */
export async function readIngest(
  c: Context<AppEnv>,
  body: z.ZodType<{ collection?: string | undefined; documents: readonly DocumentInput[] }>,
  limits: Limits,
): Promise<Ingest> {
  const type = mediaType(c);
  if (type === 'multipart/form-data') return readFiles(c, limits);
  if (type !== 'application/json' && !NDJSON.has(type)) {
    throw new DoorError(
      415,
      'unsupported_media_type',
      'Expected `Content-Type: application/json`, `application/x-ndjson` or `multipart/form-data`.',
    );
  }

  const text = await readText(c, limits.ingestBytes);
  if (NDJSON.has(type)) {
    const documents = await readLines(text, limits);
    return { collection: collectionOf(c.req.query('collection')), documents, bytes: text.length, sanitized: NOTHING };
  }
  const parsed = body.safeParse(parseJson(text));
  if (!parsed.success) throw shapeError(parsed.error);
  if (parsed.data.documents.length > limits.ingestDocuments) {
    throw new ResiftError(
      'input_too_long',
      `documents: expected at most ${limits.ingestDocuments}, got ${parsed.data.documents.length}. Send several requests, or NDJSON.`,
      {
        details: { field: 'documents', limit: limits.ingestDocuments },
      },
    );
  }
  const documents = sourceDocuments(parsed.data.documents, limits, (index) => `documents[${index}]`);
  return {
    collection: collectionOf(parsed.data.collection ?? c.req.query('collection')),
    documents,
    bytes: text.length,
    sanitized: NOTHING,
  };
}

/** Lets the event loop turn every few milliseconds: a body may hold a hundred thousand lines. */
async function readLines(text: string, limits: Limits): Promise<NamedDocument[]> {
  const schema = documentSchema(limits);
  const numbers: number[] = [];
  const inputs: DocumentInput[] = [];
  let until = performance.now() + SLICE_MS;
  for (const [index, line] of text.split('\n').entries()) {
    if (performance.now() > until) {
      await new Promise((resolve) => setImmediate(resolve));
      until = performance.now() + SLICE_MS;
    }
    if (line.trim() === '') continue;
    const name = `line ${index + 1}`;
    if (inputs.length === limits.streamedDocuments) throw tooManyDocuments(limits);
    const parsed = schema.safeParse(parseJson(line, name));
    if (!parsed.success) throw shapeError(parsed.error, name);
    numbers.push(index + 1);
    inputs.push(parsed.data);
  }
  if (inputs.length === 0)
    throw new ResiftError('invalid_input', 'Expected at least one document, one JSON object a line; the body is empty.');
  return sourceDocuments(inputs, limits, (index) => `line ${numbers[index]}`);
}

async function readFiles(c: Context<AppEnv>, limits: Limits): Promise<Ingest> {
  const bytes = await readBytes(c, limits.ingestBytes);
  const form = await new Response(bytes, { headers: { 'content-type': c.req.header('content-type')! } })
    .formData()
    .catch((cause: unknown) => {
      throw new ResiftError('invalid_input', 'Expected a multipart body with files, got one that cannot be read.', { cause });
    });
  const files: File[] = [];
  let collection = c.req.query('collection');
  for (const [name, value] of form) {
    if (typeof value !== 'string') files.push(value);
    else if (name === 'collection') collection = value;
    else
      throw new ResiftError('invalid_input', `${name}: This field is not known here. Expected files, and \`collection\`.`, {
        details: { field: name },
      });
  }
  if (files.length === 0)
    throw new ResiftError('invalid_input', 'Expected at least one file in the form.', { details: { field: 'files' } });

  const inputs: DocumentInput[] = [];
  const names: string[] = [];
  const removed: (Readonly<Record<string, number>> | undefined)[] = [];
  for (const [index, file] of files.entries()) {
    const loaded = await load(file, c.var.work.signal);
    if (inputs.length + loaded.length > limits.streamedDocuments) throw tooManyDocuments(limits);
    for (const [position, { sanitized, ...document }] of loaded.entries()) {
      // A file again replaces the file, so its documents are named after it.
      inputs.push({ ...document, id: document.id ?? (loaded.length === 1 ? file.name : `${file.name}#${position + 1}`) });
      names.push(loaded.length === 1 ? `files[${index}]` : `files[${index}][${position}]`);
      removed.push(sanitized);
    }
  }
  const documents = sourceDocuments(inputs, limits, (index) => names[index]!);
  const sanitized = new Map(documents.flatMap(({ id }, index) => (removed[index] ? [[id, removed[index]] as const] : [])));
  return { collection: collectionOf(collection), documents, bytes: bytes.byteLength, sanitized };
}

async function load(file: File, signal: AbortSignal): Promise<LoadedDocument[]> {
  // Only now: a server that is sent JSON alone never needs the file readers.
  const { loadFile } = await import('@resift/retrieval/load');
  try {
    return await loadFile(file.name, new Uint8Array(await file.arrayBuffer()), { signal });
  } catch (error) {
    // Which of several files it was: the reader knows one file only.
    if (isResiftError(error))
      throw new ResiftError(error.code, error.message, { cause: error, details: { ...error.details, file: file.name } });
    throw error;
  }
}

function collectionOf(name: string | undefined): string {
  const parsed = CollectionName.safeParse(name ?? DEFAULT_COLLECTION);
  if (!parsed.success) throw shapeError(parsed.error, 'collection');
  return parsed.data;
}

const tooManyDocuments = ({ streamedDocuments }: Limits) =>
  new ResiftError('input_too_long', `Expected at most ${streamedDocuments} documents in one request. Send several requests.`, {
    details: { limit: streamedDocuments },
  });
