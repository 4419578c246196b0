import { ResiftError, type TextEncoding, type TokenEmbedder } from '@resift/core';

/**
 * Keeps the encodings of the last so many documents in memory, about 100 KiB each, so that a passage which many questions find is encoded
 * once. Only for encoders whose output does not depend on the rest of the batch, as all embedded ones. Queries are not kept.
 */
export function keptEncodings(encoder: TokenEmbedder, most: number): TokenEmbedder {
  if (!Number.isInteger(most) || most < 1) {
    throw new ResiftError('invalid_config', `Expected the number of kept encodings to be a whole number of 1 or more, got ${most}.`);
  }
  const kept = new Map<string, TextEncoding>();

  return {
    ...encoder,
    async encode(texts, kind, options) {
      if (kind === 'query') return encoder.encode(texts, kind, options);
      const encodings = texts.map((text) => {
        const known = kept.get(text);
        if (known) {
          kept.delete(text);
          kept.set(text, known); // now the youngest
        }
        return known;
      });
      const missing = [...new Set(texts.filter((_, i) => !encodings[i]))];
      if (missing.length === 0) return { encodings, usage: {} };
      const made = await encoder.encode(missing, kind, options);
      const fresh = new Map(missing.map((text, i) => [text, made.encodings[i]]));
      for (const [text, encoding] of fresh) {
        if (!encoding) continue;
        kept.set(text, encoding);
        if (kept.size > most) kept.delete(kept.keys().next().value!);
      }
      return { encodings: texts.map((text, i) => encodings[i] ?? fresh.get(text)), usage: made.usage };
    },
  };
}
