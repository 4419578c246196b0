const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
const PLAIN = /[\x20-\x7e]+/y;

/**
 * Walks over a text: `plain` gets stretches of printable ASCII in which every character stands alone, `other` every grapheme cluster
 * else. Segmenting is slow, so only what is not plain is segmented.
 */
export function walkGraphemes(text: string, plain: (from: number, to: number) => void, other: (from: number, to: number) => void): void {
  for (let at = 0; at < text.length; ) {
    PLAIN.lastIndex = at;
    const end = PLAIN.test(text) ? PLAIN.lastIndex : at;
    // The last one may carry the marks that follow it.
    const alone = end === text.length ? end : end - 1;
    if (alone > at) {
      plain(at, alone);
      at = alone;
      continue;
    }
    let stop = Math.max(end, at + 1);
    while (stop < text.length && !isPlainAt(text, stop)) stop += 1;
    let from = at;
    for (const { segment } of segmenter.segment(text.slice(at, stop))) {
      other(from, from + segment.length);
      from += segment.length;
    }
    at = stop;
  }
}

function isPlainAt(text: string, at: number) {
  const code = text.charCodeAt(at);
  return code >= 0x20 && code <= 0x7e;
}
