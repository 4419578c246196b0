import { type StoredEncodings, type TextEncoding, untilAborted } from '@resift/core';
import { textKey, unpackEncoding } from './token-codec.ts';

/** Reads packed encodings by passage id; what there is none of is missing. */
export type PackedReader = (ids: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>;

/** Encodings lately used, by the text they were made of, so that nothing in here is ever out of date. */
export interface EncodingMemory {
  get(key: string): TextEncoding | undefined;
  set(key: string, encoding: TextEncoding): void;
}

/** Looks encodings up in memory, then in the store. One that was made of another text than the document's, because the passage was replaced meanwhile, is not given. */
export function keptEncodings(read: PackedReader, memory: EncodingMemory): StoredEncodings {
  return async (documents, { signal } = {}) => {
    signal?.throwIfAborted();
    const keys = documents.map(({ text }) => textKey(text));
    const found = keys.map((key) => memory.get(key));
    const missing = documents.filter((_, i) => !found[i]).map(({ id }) => id);
    if (missing.length === 0) return found;
    const packed = await untilAborted(read([...new Set(missing)]), signal);
    return found.map((known, i) => {
      const bytes = known ? undefined : packed.get(documents[i]!.id);
      const fresh = bytes && unpackEncoding(bytes, keys[i]!);
      if (fresh) memory.set(keys[i]!, fresh);
      return known ?? fresh;
    });
  };
}

/** Keeps the encodings used last, up to so many bytes; 0 keeps none. */
export function encodingMemory(bytes: number): EncodingMemory {
  const kept = new Map<string, TextEncoding>();
  let size = 0;
  return {
    get(key) {
      const found = kept.get(key);
      if (found) {
        kept.delete(key);
        kept.set(key, found); // now the youngest
      }
      return found;
    },
    set(key, encoding) {
      const old = kept.get(key);
      if (old) size -= bytesOf(old);
      kept.delete(key);
      kept.set(key, encoding);
      size += bytesOf(encoding);
      for (const [oldest, { sentence, tokens }] of kept) {
        if (size <= bytes) break;
        size -= sentence.byteLength + tokens.data.byteLength;
        kept.delete(oldest);
      }
    },
  };
}

/** The numbers; what else an entry takes is little. */
const bytesOf = ({ sentence, tokens }: TextEncoding) => sentence.byteLength + tokens.data.byteLength;
