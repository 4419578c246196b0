import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alikeTexts, huggingFace } from '../scripts/alike-texts.ts';
import { createWordPiece } from './wordpiece.ts';

const linesOf = (url: URL) => readFileSync(url, 'utf8').split('\n').slice(0, -1);
const small = createWordPiece(linesOf(new URL('../fixtures/vocab.txt', import.meta.url)));

const shipped = new URL('../../models-en/models/vocab.txt', import.meta.url);
const reference = JSON.parse(readFileSync(new URL('../fixtures/wordpiece.json', import.meta.url), 'utf8')) as {
  cases: [text: string, ids: number[], offsets: number[]][];
};
const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe.skipIf(!existsSync(shipped))('with the shipped vocabulary (skipped where packages/models-en/models has none)', () => {
  const vocabulary = existsSync(shipped) ? linesOf(shipped) : ['[CLS]', '[SEP]', '[PAD]', '[UNK]'];
  const ours = createWordPiece(vocabulary);

  it('gives the ids and places that BertTokenizerFast gave for generated strings', () => {
    for (const [text, ids, offsets] of reference.cases) {
      const tokens = ours.encode(text);
      expect([text, [...tokens.ids], [...tokens.offsets]]).toEqual([text, ids, offsets]);
    }
  });

  it('gives the ids of @huggingface/tokenizers for any mixture of scripts that both read alike', () => {
    const theirs = huggingFace(vocabulary);
    fc.assert(
      fc.property(alikeTexts(vocabulary), (text) => {
        expect([...ours.encode(text).ids]).toEqual(theirs.encode(text, { add_special_tokens: false }).ids);
      }),
      { numRuns: 2_000 },
    );
  });
});

it('places tokens in the original text, also where normalisation changed its length', () => {
  const text = '\u0000 THE\u200b ﬁlm… the\u0301 각a 👍';
  const { ids, offsets } = small.encode(text);
  const places = [...ids.keys()].map((i) => text.slice(offsets[2 * i], offsets[2 * i + 1]));
  expect(places).toEqual(['THE', 'ﬁlm', '…', 'the', '각a', '👍']);
});

it('keeps tokens in order, inside the text, and never cuts a surrogate pair', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { ids, offsets } = small.encode(text);
      expect(offsets).toHaveLength(2 * ids.length);
      for (let i = 0; i < ids.length; i += 1) {
        const [start, end] = [offsets[2 * i]!, offsets[2 * i + 1]!];
        expect(start < end && end <= text.length && (i === 0 || start >= offsets[2 * i - 2]!)).toBe(true);
        expect([start, end].some((at) => /[\ud800-\udbff]$/.test(text.slice(0, at)))).toBe(false);
      }
    }),
  );
});

it('reads only as far as asked, and says whether more came', () => {
  fc.assert(
    fc.property(anyText, fc.nat(20), (text, maxTokens) => {
      const all = small.encode(text);
      const some = small.encode(text, { maxTokens });
      expect([...some.ids]).toEqual([...all.ids.slice(0, maxTokens)]);
      expect([...some.offsets]).toEqual([...all.offsets.slice(0, 2 * maxTokens)]);
      expect(some.truncated).toBe(all.ids.length > maxTokens);
    }),
  );
});

it('counts as it encodes, and truncates to a beginning that has no more tokens than asked', () => {
  const words = fc
    .array(fc.constantFrom('the', 'unseen', 'rivers', 'x', '각', 'é', '😀', ' ', '\n', ',', '['), { maxLength: 15 })
    .map((all) => all.join(''));
  fc.assert(
    fc.property(words, fc.nat(12), (text, tokens) => {
      expect(small.count(text)).toBe(small.encode(text).ids.length);
      const beginning = small.truncate(text, tokens);
      expect(text.startsWith(beginning)).toBe(true);
      expect(small.count(beginning)).toBeLessThanOrEqual(tokens);
      if (small.count(text) <= tokens) expect(beginning).toBe(text);
    }),
  );
  expect(small.truncate('the film star', 2)).toBe('the film ');
});

it('takes the special tokens’ names in a text for them, exactly spelled', () => {
  expect([...small.encode('the[SEP]the [[CLS]]').ids]).toEqual([
    ...small.encode('the').ids,
    small.ids.sep,
    ...small.encode('the [').ids,
    small.ids.cls,
    ...small.encode(']').ids,
  ]);
  expect([...small.encode('[sep] [SE\0P]').ids]).not.toContain(small.ids.sep);
});

it('drops halves of surrogate pairs and takes a word of over 100 letters for one unknown', () => {
  expect([...small.encode('the\ud800 \udc00').ids]).toEqual([...small.encode('the').ids]);
  expect([...small.encode('a'.repeat(101)).ids]).toEqual([small.ids.unk]);
  expect(small.encode('a'.repeat(100)).ids).toHaveLength(100);
});

it('gives the same with a cache that is always too small', () => {
  const forgetful = createWordPiece(linesOf(new URL('../fixtures/vocab.txt', import.meta.url)), { cacheSize: 2 });
  fc.assert(
    fc.property(anyText, (text) => {
      expect(forgetful.encode(text)).toEqual(small.encode(text));
    }),
  );
});

it('refuses a vocabulary that is not BERT’s', () => {
  expect(() => createWordPiece(['a', 'b'])).toThrow('[CLS]');
});
