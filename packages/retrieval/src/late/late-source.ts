import type { Filter, Passage, StoredEncodings } from '@resift/core';

/** The passages of one collection, as they are now: what an index of their token vectors is made from and checked against. */
export interface LateSource {
  /** All of them. */
  scan(): AsyncIterable<Passage>;
  /** Those of these ids that are there and pass the filter. */
  passagesOf(ids: readonly string[], filter: Filter | undefined): Promise<ReadonlyMap<string, Passage>>;
  /** Their packed token vectors (`token-codec.ts`). */
  packed(ids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** The same unpacked, only of the very texts asked for; those lately used come from memory. */
  readonly encodings: StoredEncodings;
}
