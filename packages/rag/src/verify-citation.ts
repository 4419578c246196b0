import type { Citation } from './generator.ts';
import type { Source } from './source.ts';

/** True only for a citation that is real: its source was given in this request, and its quote stands there, at exactly these offsets. */
export function isRealCitation({ source, quote, quoteStart, quoteEnd }: Citation, sources: readonly Source[]): boolean {
  const passage = sources.find(({ id }) => id === source)?.passage;
  if (!passage || quote.trim() === '' || quoteStart < passage.start || quoteEnd - quoteStart !== quote.length) return false;
  return passage.text.slice(quoteStart - passage.start, quoteEnd - passage.start) === quote;
}
