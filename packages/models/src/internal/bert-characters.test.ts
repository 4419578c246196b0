import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { IDEOGRAPH, isPunctuation, kindOf, normalize, OTHER, REMOVE, SPACE } from './bert-characters.ts';

const { points } = JSON.parse(readFileSync(new URL('../../fixtures/wordpiece.json', import.meta.url), 'utf8')) as { points: string[] };

/** The words of a letter, the code point and a letter. */
function wordsAround(point: number): string[] {
  let spaced = 'a';
  const kind = kindOf(point);
  if (kind === SPACE) spaced += ' ';
  if (kind === IDEOGRAPH) spaced += ` ${normalize(point)} `;
  if (kind === OTHER) for (const part of normalize(point)) spaced += isPunctuation(part.codePointAt(0)!) ? ` ${part} ` : part;
  if (kind === REMOVE) spaced += '';
  return `${spaced}b`.split(' ').filter(Boolean);
}

it('treats every code point of Unicode as BertTokenizerFast does', () => {
  const different = points.flatMap((expected, block) => {
    const hash = createHash('sha256');
    for (let point = block * 4096; point < (block + 1) * 4096; point += 1) {
      if (point < 0xd800 || point > 0xdfff) hash.update(`${wordsAround(point).join('|')}\n`);
    }
    return hash.digest('hex').startsWith(expected) ? [] : [(block * 4096).toString(16)];
  });
  expect(different).toEqual([]);
});
