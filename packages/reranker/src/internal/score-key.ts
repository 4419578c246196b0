import { createHash } from 'node:crypto';
import type { Document } from '@resift/core';

/**
 * One key per document: SHA-256 over the length-prefixed parts, so that no two lists of parts run into one. The query counts in its composed form (NFC); the document by its id and its text.
 */
export function scoreKeys(scope: readonly string[], query: string, documents: readonly Document[]): string[] {
  const prefix = framed([String(scope.length), ...scope, query.normalize('NFC')]);
  return documents.map(({ id, text }) =>
    createHash('sha256')
      .update(prefix)
      .update(framed([String(id), sha256(text)]))
      .digest('base64url'),
  );
}

function framed(parts: readonly string[]): string {
  return parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
