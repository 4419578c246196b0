import { expect, it } from 'vitest';
import { parse } from './rerank.ts';

it('reads one passage a line', () => {
  expect(parse('one\n\n  two  \r\n', 'text').map(({ text }) => text)).toEqual(['one', '  two  ']);
});

it('reads JSONL, keeps the whole record, and takes the text from the named field', () => {
  const [line] = parse('{"id": "x", "body": "hello", "year": 3}\n', 'body');
  expect(line).toEqual({ id: 'x', text: 'hello', record: { id: 'x', body: 'hello', year: 3 } });
});

it.each([
  ['{"text": "a"}\n{"text": 3}', 'Line 2'],
  ['{"text": "a"}\nnot json', 'Line 2'],
  ['{"body": "a"}', 'body'],
])('says which line of %j is wrong and what it holds', (input, named) => {
  expect(() => parse(input, 'text')).toThrow(named);
});
