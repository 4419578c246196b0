import { type TextStage, textStage } from './text-stage.ts';

/**
 * The text as a reader sees it: without zero-width, bidirectional-control, tag and stray control characters, and with
 * numeric character references written out, since all of these can hide instructions or addresses (reliability I2, I3).
 * Joiners between emoji or in scripts that need them stay; so do variation selectors after emoji. Tag sequences go, subdivision flags with them.
 */
export function visibleText(text: string): string {
  const stage = visibleTextStage();
  return stage.push(text) + stage.end();
}

/** The same for a stream. */
export function visibleTextStage(): TextStage {
  let last = '';
  const keep = (give: string, take = give.length) => {
    last = give;
    return { take, give };
  };

  return textStage((text, at, ended) => {
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(text)?.[0];
    if (plain) {
      last = plain.at(-1)!;
      return { take: plain.length, give: plain };
    }
    if (text[at] === '&') {
      REFERENCE.lastIndex = at;
      const reference = REFERENCE.exec(text);
      if (!ended && PARTIAL_REFERENCE.test(text.slice(at, at + 13)) && text.length - at < 13) return undefined;
      if (!reference) return keep('&');
      const decoded = decode(reference);
      if (decoded === '&') return keep('&');
      return INVISIBLE.test(decoded) || JOINER.test(decoded) ? { take: reference[0].length, give: '' } : keep(decoded, reference[0].length);
    }

    const character = String.fromCodePoint(text.codePointAt(at)!);
    if (LONE_SURROGATE.test(character)) {
      if (!ended && at === text.length - 1) return undefined;
      return keep('\uFFFD', 1);
    }
    if (JOINER.test(character)) {
      if (!ended && (at + 1 >= text.length || (at + 2 >= text.length && LONE_SURROGATE.test(text[at + 1]!)))) return undefined;
      const next = at + 1 < text.length ? String.fromCodePoint(text.codePointAt(at + 1)!) : '';
      return joins(last, next) ? keep(character) : { take: 1, give: '' };
    }
    if (EMOJI_STYLE.test(character)) return EMOJI.test(last) || /[\d#*]/.test(last) ? keep(character) : { take: 1, give: '' };
    if (INVISIBLE.test(character)) return { take: character.length, give: '' };
    return keep(character);
  });
}

const PLAIN = /[\t\n\r\x20-\x25\x27-\x7e]+/y;
const REFERENCE =
  /&(?:#(\d{1,7});?|#[xX]([0-9a-fA-F]{1,6});?|(colon|sol|bsol|period|Tab|NewLine|lpar|rpar|lbrack|lsqb|rsqb|rbrack|excl|quest|num);)/y;
const PARTIAL_REFERENCE = /^&(?:#\d{0,7}|#[xX][0-9a-fA-F]{0,6}|[a-zA-Z]{0,8})$/;
const NAMED: Readonly<Record<string, string>> = {
  colon: ':',
  sol: '/',
  bsol: '\\',
  period: '.',
  Tab: '\t',
  NewLine: '\n',
  lpar: '(',
  rpar: ')',
  lbrack: '[',
  lsqb: '[',
  rsqb: ']',
  rbrack: ']',
  excl: '!',
  quest: '?',
  num: '#',
};
const LONE_SURROGATE = /^[\uD800-\uDFFF]$/;
const JOINER = /^[\u200C\u200D]$/;
const EMOJI_STYLE = /^[\uFE0E\uFE0F]$/;
const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F)$/u;
const JOINED_SCRIPT =
  /^[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]$/u;
/** Format characters (Cf), controls but tab and line ends, fillers, variation selectors, tags. */
const INVISIBLE =
  /^(?:(?![\t\n\r])[\p{Cc}\p{Cf}]|\u034F|[\u17B4\u17B5]|[\u180B-\u180F]|[\uFE00-\uFE0F]|[\u115F\u1160\u3164\uFFA0\uFFFE\uFFFF\u2028\u2029]|[\u{E0000}-\u{E0FFF}])$/u;

function decode([, decimal, hex, name]: RegExpExecArray): string {
  if (name) return NAMED[name]!;
  const code = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex!, 16);
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\uFFFD';
  return String.fromCodePoint(code);
}

function joins(before: string, after: string): boolean {
  return (EMOJI.test(before) && EMOJI.test(after)) || (JOINED_SCRIPT.test(before) && (JOINED_SCRIPT.test(after) || after === ''));
}
