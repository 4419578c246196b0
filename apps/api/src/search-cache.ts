import type { SearchOutcome } from '@resift/rag';

/** Whole searches by a key that names all they depend on. */
export interface SearchCache {
  /** False where it was given no room: there is nothing to look for. */
  readonly on: boolean;
  /** Taken by what is kept, by estimate. */
  readonly bytes: number;
  get(key: string): SearchOutcome | undefined;
  set(key: string, outcome: SearchOutcome): void;
}

/** Keeps the searches asked for last, up to about so many bytes; one that is larger than all the room is not kept. 0 keeps none. */
export function createSearchCache(maxBytes: number): SearchCache {
  const kept = new Map<string, { readonly outcome: SearchOutcome; readonly size: number }>();
  let bytes = 0;

  return {
    on: maxBytes > 0,
    get bytes() {
      return bytes;
    },
    get(key) {
      const found = kept.get(key);
      if (!found) return undefined;
      kept.delete(key);
      kept.set(key, found); // now the youngest
      return found.outcome;
    },
    set(key, outcome) {
      const size = sizeOf(outcome);
      if (size > maxBytes) return;
      bytes += size - (kept.get(key)?.size ?? 0);
      kept.delete(key);
      kept.set(key, { outcome, size });
      for (const [oldest, { size }] of kept) {
        if (bytes <= maxBytes) break;
        bytes -= size;
        kept.delete(oldest);
      }
    },
  };
}

/** What a result takes beside its strings. */
const RESULT_BYTES = 600;

function sizeOf({ results }: SearchOutcome): number {
  return results.reduce((sum, { passage: { id, documentId, text, title = '', url = '', metadata } }) => {
    const characters = id.length + documentId.length + text.length + title.length + url.length;
    return sum + RESULT_BYTES + 2 * (characters + (metadata ? 4 * JSON.stringify(metadata).length : 0));
  }, RESULT_BYTES);
}
