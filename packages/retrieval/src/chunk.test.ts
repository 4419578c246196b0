import type { Tokenizer } from '@resift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunk } from './chunk.ts';

const words = (text: string) => text.match(/[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]/gu) ?? [];
const tokenizer: Tokenizer = { count: (text) => words(text).length, truncate: (text, tokens) => words(text).slice(0, tokens).join(' ') };
const sentence = (name: string, length: number) => `${name[0]!.toUpperCase()}${name.slice(1)} ${'word '.repeat(length - 3)}end.`;
const texts = (text: string, maxTokens: number, options = {}) =>
  chunk(text, { tokenizer, maxTokens, overlapTokens: 0, ...options }).map((piece) => piece.text);

const anything = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('\n\n', '\n', '# Heading\n', ' ', '. ', '```\n', '👩‍👩‍👧‍👦', 'é', '\ud800', '\udc00', 'Dr. ', 'नमस्ते '),
      fc.lorem({ maxCount: 30 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

describe.each(['text', 'markdown', 'code'] as const)('%s', (kind) => {
  it('cuts exact slices, in order, that leave nothing but white space out and keep within the budget', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 8, max: 60 }), fc.integer({ min: 0, max: 3 }), (text, maxTokens, overlapTokens) => {
        let covered = 0;
        for (const piece of chunk(text, { tokenizer, maxTokens, overlapTokens, kind })) {
          expect(text.slice(piece.start, piece.end)).toBe(piece.text);
          expect(piece.text.trim()).not.toBe('');
          expect(
            text
              .slice(covered, Math.max(covered, piece.start))
              .replace(/\ufeff/g, '')
              .trim(),
          ).toBe('');
          expect(piece.end).toBeGreaterThan(covered);
          expect(tokenizer.count(piece.text)).toBeLessThanOrEqual(maxTokens);
          expect(piece.text.length).toBeLessThanOrEqual(maxTokens * 16 + 2_000);
          covered = piece.end;
        }
        expect(text.slice(covered).trim()).toBe('');
      }),
    );
  });

  it('never cuts inside a character as a reader sees it', () => {
    const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
    const clusters = fc
      .array(fc.constantFrom('👩‍👩‍👧‍👦', 'é', '🇩🇪', 'नि', '👍🏽', 'a'), { minLength: 1, maxLength: 300 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(clusters, fc.integer({ min: 20, max: 60 }), (text, maxTokens) => {
        const boundaries = new Set([...segmenter.segment(text)].map(({ index }) => index).concat(text.length));
        for (const { start, end } of chunk(text, { tokenizer, maxTokens, kind })) {
          expect(boundaries.has(start) && boundaries.has(end)).toBe(true);
        }
      }),
    );
  });
});

it('prefers the end of a paragraph to a fuller chunk', () => {
  const [one, two, three] = [sentence('one', 14), sentence('two', 8), sentence('three', 8)];
  expect(texts(`${one}\n\n${two} ${three}`, 25)).toEqual([one, `${two} ${three}`]);
});

it('prefers the end of a sentence to a fuller chunk', () => {
  const [one, two] = [sentence('one', 14), sentence('two', 14)];
  expect(texts(`${one} ${two}`, 20)).toEqual([one, two]);
});

it('keeps a heading with what follows, over blank lines and further headings', () => {
  const [one, two] = [sentence('one', 14), sentence('two', 14)];
  expect(texts(`${one}\n\n# Big\n\n## Small\n\n${two}`, 20)).toEqual([one, `# Big\n\n## Small\n\n${two}`]);
});

it('repeats whole sentences as overlap, and none over a heading', () => {
  const [one, two, three] = [sentence('one', 10), sentence('two', 5), sentence('three', 10)];
  expect(texts(`${one} ${two} ${three}`, 18, { overlapTokens: 6 })).toEqual([`${one} ${two}`, `${two} ${three}`]);
  expect(texts(`${one} ${two}\n\n# Next\n${three}`, 18, { overlapTokens: 6 })).toEqual([`${one} ${two}`, `# Next\n${three}`]);
});

it('does not take an abbreviation, an initial or a number for the end of a sentence', () => {
  const tricky = 'He met Dr. Smith and J. Brown, i.e. the two of them, at 3.5 miles.';
  expect(texts(`${sentence('one', 12)} ${tricky}`, 28)).toEqual([sentence('one', 12), tricky]);
});

it('does not read a comment in fenced code as a heading', () => {
  const code = `\`\`\`sh\n${'run it now\n'.repeat(4)}# a comment\n${'run it now\n'.repeat(2)}\`\`\``;
  expect(texts(code, 40)).toEqual([code]);
});

it('breaks code before what is not indented', () => {
  const block = (name: string) => `function ${name}() {\n  one two three four\n\n  five six\n}`;
  expect(texts(`${block('a')}\n${block('b')}`, 22, { kind: 'code' })).toEqual([block('a'), block('b')]);
});

it('cuts a megabyte without a space, or of nothing but combining marks, into many chunks', () => {
  for (const text of ['x'.repeat(1e6), `e${'\u0301'.repeat(1e6)}`, '-'.repeat(1e6), '\u200d'.repeat(1e6), '🇩'.repeat(5e5)]) {
    const pieces = chunk(text, { tokenizer, maxTokens: 224 });
    expect(pieces.length).toBeGreaterThan(100);
    expect(pieces.map((piece) => piece.text).join('').length).toBeGreaterThanOrEqual(text.length);
  }
});

it('has no chunk for white space', () => {
  expect(texts(' \n\t\n\u00a0 ', 10)).toEqual([]);
});

it.each([
  [{ maxTokens: 0 }, 'maxTokens'],
  [{ maxTokens: 8, overlapTokens: 8 }, 'overlapTokens'],
])('refuses %j', (options, named) => {
  expect(() => chunk('text', { tokenizer, ...options })).toThrow(named);
});
