import type { TextEncoding, TokenEmbedder } from '@resift/core';
import { expect, it } from 'vitest';
import { keptEncodings } from './kept-encodings.ts';

function counting(skip: string[] = []) {
  const asked: string[][] = [];
  const encoder: TokenEmbedder = {
    id: 'fake',
    dimensions: 1,
    tokenDimensions: 1,
    async encode(texts) {
      asked.push([...texts]);
      const encode = (text: string): TextEncoding => ({
        sentence: Float32Array.of(text.length),
        tokens: { count: 0, dimensions: 1, data: new Float32Array() },
        truncated: false,
      });
      return { encodings: texts.map((text) => (skip.includes(text) ? undefined : encode(text))), usage: { inputTokens: texts.length } };
    },
  };
  return { asked, encoder };
}

it('encodes a document once, in whatever company it comes back, and forgets the oldest', async () => {
  const { asked, encoder } = counting();
  const kept = keptEncodings(encoder, 2);
  await kept.encode(['a', 'bb', 'a'], 'document');
  const { encodings, usage } = await kept.encode(['bb', 'ccc', 'a'], 'document');
  expect(encodings.map((encoding) => encoding!.sentence[0])).toEqual([2, 3, 1]);
  expect(usage.inputTokens).toBe(1);
  await kept.encode(['bb'], 'document'); // a was used after it
  expect(asked).toEqual([['a', 'bb'], ['ccc'], ['bb']]);
});

it('keeps no query and nothing that the budget did not reach', async () => {
  const { asked, encoder } = counting(['late']);
  const kept = keptEncodings(encoder, 10);
  await kept.encode(['a'], 'query');
  await kept.encode(['a', 'late'], 'document');
  expect((await kept.encode(['late'], 'document')).encodings).toEqual([undefined]);
  expect(asked).toEqual([['a'], ['a', 'late'], ['late']]);
  expect(() => keptEncodings(encoder, 0)).toThrow('1 or more');
});
