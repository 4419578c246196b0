import { ResiftError, type RetrieveOptions } from '@resift/core';

/** Refuses what no retriever can serve, and a call that was aborted before it began. */
export function checkRetrieval(query: unknown, { topK, signal }: RetrieveOptions): void {
  signal?.throwIfAborted();
  if (typeof query !== 'string') throw new ResiftError('invalid_input', `Expected the query to be a string, got ${typeof query}.`);
  if (query.trim() === '') {
    throw new ResiftError('invalid_input', 'The query is empty: expected at least one character that is not white space.');
  }
  if (!Number.isInteger(topK) || topK < 0) {
    throw new ResiftError('invalid_input', `Expected \`topK\` to be a whole number of 0 or more, got ${topK}.`);
  }
}
