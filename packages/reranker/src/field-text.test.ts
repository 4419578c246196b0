import { expect, it } from 'vitest';
import { fieldText } from './field-text.ts';

const record = {
  title: 'Dumb and Dumber',
  year: 1994,
  cast: ['Carrey', 'Daniels'],
  author: { name: 'F' },
  'a.b': 1,
  seen: false,
  none: null,
  blank: '',
};

it('writes a line for each field that is there', () => {
  expect(
    fieldText(record, ['year', 'title', 'author.name', 'a.b', 'cast', 'seen', 'none', 'blank', 'nope', 'title.length', '__proto__']),
  ).toBe('year: 1994\ntitle: Dumb and Dumber\nauthor.name: F\na.b: 1\ncast: ["Carrey","Daniels"]\nseen: false');
});

it('takes every field by default', () => {
  expect(fieldText({ b: 1, a: 'x' })).toBe('b: 1\na: x');
});
