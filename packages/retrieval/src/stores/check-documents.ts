import { ResiftError } from '@resift/core';
import type { SourceDocument } from './store.ts';

const LONGEST_ID_BYTES = 512;
const MOST_METADATA_BYTES = 8_192;
const MOST_METADATA_KEYS = 64;
const DEEPEST_METADATA = 4;
const COLLECTION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Refuses a name that could leave its folder or that file systems disagree about. */
export function checkCollection(name: unknown): string {
  if (typeof name === 'string' && COLLECTION.test(name) && !name.includes('..') && !name.endsWith('.')) return name;
  throw invalid(
    'collection',
    `Expected a collection name of 1 to 64 letters, digits, ".", "_" or "-" that begins with a letter or digit, got ${describe(name)}.`,
  );
}

export function checkId(id: unknown, field = 'id'): string {
  if (typeof id !== 'string') throw invalid(field, `Expected ${field} to be a string, got ${describe(id)}.`);
  const bytes = Buffer.byteLength(id);
  if (bytes < 1 || bytes > LONGEST_ID_BYTES) {
    throw invalid(field, `Expected ${field} to have 1 to ${LONGEST_ID_BYTES} bytes of UTF-8, got ${bytes}.`);
  }
  if (/[\0\p{Cs}]/u.test(id)) {
    throw invalid(field, `Expected ${field} to be well-formed text without NUL, got half a surrogate pair or NUL.`);
  }
  return id;
}

/** All documents of one call, before any work is done for them. */
export function checkDocuments(documents: readonly SourceDocument[]): void {
  if (!Array.isArray(documents)) throw invalid('documents', `Expected documents to be a list, got ${describe(documents)}.`);
  const ids = new Set<string>();
  for (const [index, document] of documents.entries()) {
    const field = `documents[${index}]`;
    if (document === null || typeof document !== 'object')
      throw invalid(field, `Expected ${field} to be an object, got ${describe(document)}.`);
    if (document.id !== undefined) {
      const id = checkId(document.id, `${field}.id`);
      if (ids.has(id)) throw invalid(`${field}.id`, `${field}.id repeats ${describe(id)}: expected the ids of one call to be unique.`);
      ids.add(id);
    }
    for (const name of ['text', 'title', 'url'] as const) {
      if (typeof document[name] === 'string' || (name !== 'text' && document[name] === undefined)) continue;
      throw invalid(`${field}.${name}`, `Expected ${field}.${name} to be a string, got ${describe(document[name])}.`);
    }
    if (document.metadata !== undefined) checkMetadata(document.metadata, `${field}.metadata`);
  }
}

function checkMetadata(metadata: unknown, field: string) {
  if (metadata === null || typeof metadata !== 'object' || Array.isArray(metadata)) {
    throw invalid(field, `Expected ${field} to be an object, got ${describe(metadata)}.`);
  }
  let keys = 0;
  const visit = (value: unknown, depth: number, path: string) => {
    if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return;
    if (typeof value !== 'object') throw invalid(path, `Expected ${path} to be a JSON value, got ${describe(value)}.`);
    if (depth > DEEPEST_METADATA) throw invalid(path, `Expected ${field} to be at most ${DEEPEST_METADATA} levels deep.`);
    for (const [key, inner] of Object.entries(value)) {
      keys += Array.isArray(value) ? 0 : 1;
      if (keys > MOST_METADATA_KEYS) throw invalid(field, `Expected ${field} to have at most ${MOST_METADATA_KEYS} keys.`);
      visit(inner, depth + 1, `${path}.${key}`);
    }
  };
  visit(metadata, 1, field);
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  if (bytes > MOST_METADATA_BYTES)
    throw invalid(field, `Expected ${field} to have at most ${MOST_METADATA_BYTES} bytes as JSON, got ${bytes}.`);
}

function invalid(field: string, message: string): ResiftError {
  return new ResiftError('invalid_input', message, { details: { field } });
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'number' ? String(value) : typeof value;
}
