import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sentences } from './sentences.ts';

const split = (text: string) => sentences(text).map(({ start, end }) => text.slice(start, end));

it.each([
  ['One. Two? Three!', ['One.', 'Two?', 'Three!']],
  [
    'Dr. No opened in 1962. J. R. R. Tolkien wrote. It cost $1.5 million.',
    ['Dr. No opened in 1962.', 'J. R. R. Tolkien wrote.', 'It cost $1.5 million.'],
  ],
  ['He arrived at 5 p.m. Everyone left.', ['He arrived at 5 p.m. Everyone left.']],
  [
    '# Heading\n\nFirst line of the text that was wrapped by an\neditor here. Next.',
    ['# Heading', 'First line of the text that was wrapped by an\neditor here.', 'Next.'],
  ],
  ['- one\n- two', ['- one', '- two']],
  ['', []],
  [' \n ', []],
])('splits %j', (text, expected) => {
  expect(split(text)).toEqual(expected);
});

it('loses nothing, keeps order, and trims', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'B', '.', '!', ' ', '\n', '1', 'é', '😀', 'Dr') }), (text) => {
      const found = sentences(text);
      let at = 0;
      for (const { start, end } of found) {
        expect(text.slice(at, start).trim()).toBe('');
        expect(text.slice(start, end)).toBe(text.slice(start, end).trim());
        expect(end).toBeGreaterThan(start);
        at = end;
      }
      expect(text.slice(at).trim()).toBe('');
    }),
  );
});
