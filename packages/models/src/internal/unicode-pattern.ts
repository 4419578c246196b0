import { ResiftError } from '@resift/core';

/** What `pattern` of a tokenizer.json means: a plain string, or a regular expression of Oniguruma as far as JavaScript reads it alike. */
export function unicodePattern(pattern: unknown): RegExp {
  const { String: plain, Regex: regex } = (typeof pattern === 'object' && pattern !== null ? pattern : {}) as Record<string, unknown>;
  if (typeof plain === 'string') return new RegExp(plain.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'gu');
  try {
    if (typeof regex !== 'string') throw new Error('it is no text');
    return new RegExp(translated(regex), 'gu');
  } catch (cause) {
    throw new ResiftError(
      'invalid_config',
      `The pattern ${JSON.stringify(regex ?? pattern)} in tokenizer.json cannot be read: ${(cause as Error).message}.`,
      { cause },
    );
  }
}

/** The shorthands mean other characters in JavaScript than in Oniguruma, which goes by Unicode. */
const SHORTHANDS: Readonly<Record<string, string>> = {
  s: '\\p{White_Space}',
  S: '\\P{White_Space}',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  h: '[0-9A-Fa-f]',
};

function translated(regex: string): string {
  if (/[*+?}]\+|\(\?>|\(\?[a-z]+[:)]|\[\[:|&&|\\[wWbBAzZGX]/.test(regex.replaceAll(/\\\\|\\[+*?}[\]&(]/g, '..'))) {
    throw new Error('possessive quantifiers, flags, POSIX classes and \\w or \\b are not known here');
  }
  return regex.replaceAll(
    /\\(.)/gs,
    (whole, letter: string) => SHORTHANDS[letter] ?? (/[#'"!%&,:;<=>@`~ _-]/.test(letter) ? plainly(letter) : whole),
  );
}

/** Escapes that the `u` flag forbids. */
const plainly = (letter: string) => (letter === '-' ? '\\x2d' : letter);
