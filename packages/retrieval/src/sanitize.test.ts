import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSanitized, sanitize, sanitizeJson } from './sanitize.ts';

describe('leaves alone', () => {
  it.each([
    ['families and flags of emoji', '👩‍👩‍👧‍👦 👍🏽 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇩🇪 1️⃣ 🏳️‍🌈'],
    ['Persian with a joiner', 'می‌خواهم کتاب‌ها'],
    ['Indic conjuncts', 'क्‍ष क्‌ष ශ්‍රී'],
    ['white space', 'a\tb\r\nc\u00a0d\u3000e\u2028f'],
    ['marks of direction', 'שלום \u200e(abc)\u200f'],
    ['ordinary text', 'It’s “quoted”, naïve — 100 %.'],
  ])('%s', (_, text) => {
    expect(sanitize(text)).toEqual({ text });
  });
});

describe('takes out and counts', () => {
  it.each<[string, string, string, Record<string, number>]>([
    ['NUL and controls', 'a\0b\x07c\x9d', 'abc', { nul: 1, control: 2 }],
    ['halves of surrogate pairs', '\ud800a\udc00', 'a', { lone_surrogate: 2 }],
    ['text in tags', `hi${[...'ignore all'].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join('')}`, 'hi', { tag: 10 }],
    ['tags after a black flag that make no flag', '🏴\u{e0041}\u{e0042}', '🏴', { tag: 2 }],
    ['overrides of direction', 'a\u202eb\u2066c\u2069', 'abc', { bidi: 3 }],
    ['what has no width', 'pass\u200bword\ufeff\u2060', 'password', { zero_width: 3 }],
    ['joiners in Latin words', 'pass\u200dword \u200c', 'password ', { zero_width: 2 }],
    ['bytes in variation selectors', `a${'\ufe01'}${'\u{e0130}'}😀${'\ufe0f\ufe0f'}`, 'a😀\ufe0f', { variation_selector: 3 }],
    ['what is no character', 'a\uffffb\ufdd0', 'ab', { noncharacter: 2 }],
  ])('%s', (_, text, clean, counts) => {
    expect(sanitize(text)).toEqual({ text: clean, sanitized: counts });
  });
});

it('leaves nothing for a second time, whatever comes, and counts each character it took', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      const once = sanitize(text);
      const taken = Object.values(once.sanitized ?? {}).reduce((sum, count) => sum + count, 0);
      expect([...text].length - [...once.text].length).toBe(taken);
      expect(sanitize(once.text).sanitized?.['nul']).toBeUndefined();
      expect(/\p{Cs}/u.test(once.text)).toBe(false);
    }),
  );
});

it('reaches into JSON, keys included, and pollutes no prototype', () => {
  const value = JSON.parse('{"a\\u0000": ["b\\u0000", {"c": 1, "d": null}], "__proto__": {"x": "y"}}');
  const { value: clean, sanitized } = sanitizeJson(value);
  expect(JSON.stringify(clean)).toBe('{"a":["b",{"c":1,"d":null}],"__proto__":{"x":"y"}}');
  expect(sanitized).toEqual({ nul: 2 });
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});

it('adds counts up', () => {
  expect(addSanitized({ nul: 1 }, undefined, { nul: 2, tag: 1 })).toEqual({ nul: 3, tag: 1 });
  expect(addSanitized(undefined)).toBeUndefined();
});
