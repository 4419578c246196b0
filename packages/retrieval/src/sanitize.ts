/** What was taken out, by class; only classes that occurred. */
export type Sanitized = Readonly<Record<string, number>>;

const VS15_16 = '\ufe0e\ufe0f';
/** Everything that may have to go; a text without any of it is returned as it is. */
const SUSPECT = new RegExp(
  [
    '[\\0-\\x08\\x0b\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f]', // control characters but tab, line feed, form feed, return, next line
    '[\\u200b\\u2060-\\u2064\\ufeff\\u180e\\u00ad]', // no width
    '[\\u200c\\u200d]', // joiners
    '[\\u202a-\\u202e\\u2066-\\u2069]', // direction overrides, embeddings and isolates
    '[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]', // variation selectors
    '\\u{1f3f4}[\\u{e0020}-\\u{e007e}]+\\u{e007f}', // a flag made of tags, as a whole
    '[\\u{e0000}-\\u{e007f}]', // tags
    '[\\ufdd0-\\ufdef\\ufffe\\uffff]', // not characters
    '\\p{Cs}', // half a surrogate pair
  ].join('|'),
  'gu',
);
const JOINS_BEFORE = /[\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u;
const JOINS_AFTER = /^\p{Extended_Pictographic}/u;
const NON_LATIN_BEFORE = /(?!\p{Script=Latin})[\p{L}\p{M}]$/u;
const EMOJI_BEFORE = /\p{Emoji}$/u;

/**
 * Takes out what no reader sees and attackers hide instructions in (OWASP LLM01): NUL and other control characters, halves of surrogate
 * pairs, tag characters, direction overrides, characters without width, stray variation selectors. Joiners stay where scripts and emoji
 * need them, one variation selector stays after an emoji, flags stay. Every removal is counted; nothing else is changed.
 */
export function sanitize(text: string): { text: string; sanitized?: Sanitized } {
  const counts: Record<string, number> = {};
  const clean = text.replace(SUSPECT, (found: string, offset: number) => {
    const kind = classOf(found, text, offset);
    if (kind === undefined) return found;
    counts[kind] = (counts[kind] ?? 0) + 1;
    return '';
  });
  return Object.keys(counts).length > 0 ? { text: clean, sanitized: counts } : { text };
}

/** The same for every string inside a JSON value, keys included. */
export function sanitizeJson<T>(value: T): { value: T; sanitized?: Sanitized } {
  const counts: Sanitized[] = [];
  const visit = (inner: unknown): unknown => {
    if (typeof inner === 'string') {
      const { text, sanitized } = sanitize(inner);
      if (sanitized) counts.push(sanitized);
      return text;
    }
    if (Array.isArray(inner)) return inner.map(visit);
    if (inner === null || typeof inner !== 'object') return inner;
    // fromEntries defines properties, so that a key `__proto__` stays a key.
    return Object.fromEntries(Object.entries(inner).map(([key, part]) => [visit(key), visit(part)]));
  };
  const clean = visit(value) as T;
  const sanitized = addSanitized(...counts);
  return sanitized ? { value: clean, sanitized } : { value: clean };
}

export function addSanitized(...all: readonly (Sanitized | undefined)[]): Sanitized | undefined {
  const sum: Record<string, number> = {};
  for (const counts of all) for (const [kind, count] of Object.entries(counts ?? {})) sum[kind] = (sum[kind] ?? 0) + count;
  return Object.keys(sum).length > 0 ? sum : undefined;
}

/** The class of a character that must go; undefined where it may stay. */
function classOf(found: string, text: string, offset: number): string | undefined {
  const code = found.codePointAt(0)!;
  if (code === 0) return 'nul';
  if (code === 0x1f3f4) return undefined;
  if (code >= 0xd800 && code <= 0xdfff) return 'lone_surrogate';
  if (code < 0xa0) return 'control';
  if (code === 0x200c || code === 0x200d) return joins(text, offset) ? undefined : 'zero_width';
  if (code === 0xad || code === 0x180e || code === 0xfeff || code === 0x200b || (code >= 0x2060 && code <= 0x2064)) return 'zero_width';
  if (code >= 0x202a && code <= 0x2069) return 'bidi';
  if (VS15_16.includes(found)) return EMOJI_BEFORE.test(text.slice(Math.max(0, offset - 2), offset)) ? undefined : 'variation_selector';
  if ((code >= 0xfe00 && code <= 0xfe0f) || code >= 0xe0100) return 'variation_selector';
  return code >= 0xe0000 ? 'tag' : 'noncharacter';
}

function joins(text: string, offset: number): boolean {
  const before = text.slice(Math.max(0, offset - 2), offset);
  if (NON_LATIN_BEFORE.test(before)) return true;
  return JOINS_BEFORE.test(before) && JOINS_AFTER.test(text.slice(offset + 1, offset + 3));
}
