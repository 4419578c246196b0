import type { FileEntry } from '../plaid/disk.ts';

/** An object that holds one piece of a file. */
export interface PublishedPart {
  readonly key: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Small enough that one request is quick and little is in memory. */
export const PART_BYTES: number = 8 * 2 ** 20;

/** What keys of a collection's published index begin with. */
export function publishedPrefix(collection: string): string {
  return `late/${collection}/`;
}

/** The object that says which index is published: the text of its `manifest.json`. */
export function manifestKey(collection: string): string {
  return `${publishedPrefix(collection)}manifest`;
}

/** The objects of a file, in order. They are named by its content, so none is ever written over with something else. */
export function publishedParts(collection: string, { sha256, bytes }: FileEntry, partBytes: number): PublishedPart[] {
  return Array.from({ length: Math.ceil(bytes / partBytes) }, (_, part) => {
    const offset = part * partBytes;
    return { key: `${publishedPrefix(collection)}${sha256}.${part}`, offset, bytes: Math.min(partBytes, bytes - offset) };
  });
}
