import type { TokenEmbedder } from '@resift/core';
import { expect, it } from 'vitest';
import { explain } from './explain.ts';

/** One token per word; two words that begin alike are alike. */
const byLetter = (offsets: boolean): TokenEmbedder => ({
  id: 'letters',
  dimensions: 1,
  tokenDimensions: 26,
  async encode(texts) {
    const encodings = texts.map((text) => {
      const found = [...text.matchAll(/[a-z]+/g)];
      const data = new Float32Array(found.length * 26);
      found.forEach(([word], i) => {
        data[i * 26 + word.charCodeAt(0) - 97] = 1;
      });
      const places = new Uint32Array(found.flatMap((match) => [match.index, match.index + match[0].length]));
      return {
        sentence: new Float32Array(1),
        tokens: { count: found.length, dimensions: 26, data, ...(offsets && { offsets: places }) },
        truncated: false,
      };
    });
    return { encodings, usage: {} };
  },
});

it('shows for each token of the query its best token in the text', async () => {
  expect(await explain(byLetter(true), 'capital zoo', 'the city')).toEqual([
    { query: { start: 0, end: 7, text: 'capital' }, text: { start: 4, end: 8, text: 'city' }, similarity: expect.closeTo(1, 6) },
    { query: { start: 8, end: 11, text: 'zoo' }, text: { start: 0, end: 3, text: 'the' }, similarity: 0 },
  ]);
});

it('has no match in an empty text, and needs offsets', async () => {
  expect(await explain(byLetter(true), 'capital', '')).toEqual([{ query: { start: 0, end: 7, text: 'capital' }, similarity: 0 }]);
  await expect(explain(byLetter(false), 'a', 'b')).rejects.toMatchObject({ code: 'invalid_config' });
  await expect(explain(byLetter(true), 'a', undefined as never)).rejects.toMatchObject({ code: 'invalid_input' });
});
