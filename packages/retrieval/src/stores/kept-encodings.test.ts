import type { TextEncoding } from '@resift/core';
import { expect, it } from 'vitest';
import { encodingMemory, keptEncodings } from './kept-encodings.ts';
import { packEncoding } from './token-codec.ts';

const encoding = (size: number): TextEncoding => ({
  sentence: new Float32Array(1),
  tokens: { count: 1, dimensions: size, data: new Int8Array(size).fill(1), scales: Float32Array.of(0.5) },
  truncated: false,
});

it('reads only what memory does not hold, each passage once', async () => {
  const asked: (readonly string[])[] = [];
  const documents = ['a', 'b', 'a'].map((id) => ({ id, text: `text of ${id}` }));
  const kept = keptEncodings(async (ids) => {
    asked.push(ids);
    return new Map(ids.map((id) => [id, packEncoding(`text of ${id}`, encoding(3))]));
  }, encodingMemory(1_000));
  expect(await kept(documents)).toEqual([encoding(3), encoding(3), encoding(3)]);
  expect(await kept([...documents, { id: 'c', text: 'another text than what is kept of c' }])).toEqual([
    encoding(3),
    encoding(3),
    encoding(3),
    undefined,
  ]);
  expect(asked).toEqual([['a', 'b'], ['c']]);
});

it('forgets what was used least lately when the bytes are full', () => {
  const memory = encodingMemory(3 * (4 + 10));
  for (const key of ['a', 'b', 'c']) memory.set(key, encoding(10));
  memory.set('c', encoding(10));
  memory.get('a');
  memory.set('d', encoding(10));
  expect(['a', 'b', 'c', 'd'].map((key) => memory.get(key) !== undefined)).toEqual([true, false, true, true]);
  memory.set('big', encoding(100));
  expect(['a', 'c', 'd', 'big'].map((key) => memory.get(key) !== undefined)).toEqual([false, false, false, false]);
});
