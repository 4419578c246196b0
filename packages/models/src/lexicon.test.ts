import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readLexicon } from './lexicon.ts';

const zipped = (content: unknown) => gzipSync(typeof content === 'string' ? content : JSON.stringify(content));

it('knows how many documents have a term', async () => {
  const lexicon = await readLexicon(zipped('{"documents":10,"averageLength":4.5,"df":{"film":3,"__proto__":2}}'));
  expect(lexicon).toMatchObject({ documents: 10, averageLength: 4.5 });
  expect(['film', '__proto__', 'constructor', ''].map(lexicon.df)).toEqual([3, 2, 0, 0]);
});

it.each([
  ['not gzipped', Buffer.from('{}')],
  ['not JSON', zipped('{')],
  ['no object', zipped('null')],
  ['no documents', zipped({ averageLength: 1, df: {} })],
  ['no length', zipped({ documents: 1, df: {} })],
  ['no counts', zipped({ documents: 1, averageLength: 1 })],
  ['more documents with a term than there are', zipped({ documents: 1, averageLength: 1, df: { a: 2 } })],
])('refuses a file that is %s', async (_, file) => {
  await expect(readLexicon(file)).rejects.toMatchObject({ code: 'corrupt', details: { file: 'lexicon.json.gz' } });
});
