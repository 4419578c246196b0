const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const LONGEST_GRAPHEME = 4_096;

/**
 * Cuts `[start, end)` into pieces of about `size` code units at grapheme boundaries. A "grapheme" of more than 4,096 code units
 * (no writing has one; attacks do) is cut between code points.
 */
export function* graphemeWindows(
  text: string,
  start: number,
  end: number,
  size: number,
): Generator<{ start: number; end: number }, void, undefined> {
  for (let at = start; at < end; ) {
    const to = Math.min(end, lastBoundary(text, at, end, size));
    yield { start: at, end: to };
    at = to;
  }
}

/** The last boundary at most `size` after `at`, or the first one after that. `at` must be a boundary, so only what follows matters. */
function lastBoundary(text: string, at: number, end: number, size: number): number {
  if (end - at <= size) return end;
  for (let reach = size + 32; ; reach = Math.min(reach * 8, LONGEST_GRAPHEME)) {
    const part = text.slice(at, Math.min(end, at + reach));
    let last = 0;
    for (const { index } of segmenter.segment(part)) {
      // The last segment of a cut part may go on beyond it, but its beginning is a boundary.
      if (index > size && last > 0) break;
      if (index > 0) last = index;
      if (index > size) break;
    }
    if (last > 0) return at + last;
    if (at + reach >= end) return end;
    if (reach >= LONGEST_GRAPHEME) return codePointBoundary(text, at + LONGEST_GRAPHEME);
  }
}

function codePointBoundary(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
