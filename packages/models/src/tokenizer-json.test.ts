import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenizer } from './tokenizer-json.ts';
import { createWordPiece } from './wordpiece.ts';

// The strings and their tokens by Python's `tokenizers` are written by fixtures/cross-encoders/make_cross_encoders.py;
// scripts/tokenizer-parity.ts compares 10,000 more.
const read = (path: string) => JSON.parse(readFileSync(new URL(`../fixtures/cross-encoders/${path}`, import.meta.url), 'utf8'));
const xlmr = read('xlm-roberta/tokenizer.json');
const modernbert = read('modernbert/tokenizer.json');
const words = fc.constantFrom(
  'water',
  'Straße',
  'мост',
  '水桥城',
  '도시',
  'ﬁ',
  'e\u0301',
  '👩‍👩‍👧',
  ' ',
  '  ',
  '\n',
  '▁',
  '<s>',
  '[MASK]',
  "don't",
  '|||IP_ADDRESS|||',
  '1994',
);
const text = fc.array(fc.oneof(words, fc.string({ unit: 'binary' })), { maxLength: 60 }).map((all) => all.join(' '));

describe.each([
  ['xlm-roberta', xlmr],
  ['modernbert', modernbert],
])('the tokenizer of %s', (name, json) => {
  const tokenizer = createTokenizer(json);

  it('gives the ids of Python', () => {
    const cases = read(`${name}/tokens.json`) as [string, number[], number[]][];
    expect(cases.length).toBeGreaterThan(100);
    for (const [text, ids] of cases) expect([...tokenizer.encode(text).ids], text).toEqual(ids);
  });

  it('gives the first tokens of the whole, however few are asked for', () => {
    fc.assert(
      fc.property(text, fc.nat(40), fc.integer({ min: 1, max: 40 }), (text, maxTokens, times) => {
        const long = text.repeat(times);
        const [whole, part] = [tokenizer.encode(long), tokenizer.encode(long, { maxTokens })];
        expect(part.ids).toEqual(whole.ids.slice(0, maxTokens));
        expect(part.offsets).toEqual(whole.offsets.slice(0, 2 * maxTokens));
        expect(part.truncated).toBe(whole.ids.length > maxTokens);
      }),
      { numRuns: 150 },
    );
  });

  it('places tokens inside the text, in order', () => {
    fc.assert(
      fc.property(text, (text) => {
        const { ids, offsets } = tokenizer.encode(text);
        expect(offsets.length).toBe(2 * ids.length);
        for (let i = 0; i < offsets.length; i += 2) {
          expect(offsets[i]).toBeLessThanOrEqual(offsets[i + 1]!);
          expect(offsets[i + 1]).toBeLessThanOrEqual(text.length);
          if (i >= 2) expect(offsets[i]).toBeGreaterThanOrEqual(offsets[i - 2]!);
        }
      }),
    );
  });

  it('cuts a text to so many tokens', () => {
    fc.assert(
      fc.property(text, fc.nat(30), (text, tokens) => {
        const cut = tokenizer.truncate(text, tokens);
        expect(text.startsWith(cut)).toBe(true);
        expect(tokenizer.count(cut)).toBeLessThanOrEqual(tokens);
      }),
    );
  });

  it('reads half a surrogate pair as an unknown character', () => {
    expect(tokenizer.encode('a\ud800b').ids).toEqual(tokenizer.encode('a\ufffdb').ids);
  });
});

it('knows the frame of each kind of model', () => {
  expect(createTokenizer(xlmr).frame).toEqual({ before: [0], between: [2, 2], after: [2], secondType: 0, pad: 1 });
  expect(createTokenizer(modernbert, { padToken: '[PAD]' }).frame).toEqual({
    before: [1],
    between: [2],
    after: [2],
    secondType: 0,
    pad: 3,
  });
  const bert = read('bert-two-logits/tokenizer.json');
  expect(createTokenizer(bert).frame).toEqual({ before: [2], between: [3], after: [3], secondType: 1, pad: 0 });
  const roberta = { type: 'RobertaProcessing', sep: ['</s>', 2], cls: ['<s>', 0], trim_offsets: true, add_prefix_space: false };
  expect(createTokenizer({ ...modernbert, post_processor: roberta }).frame).toMatchObject({ between: [2, 2], secondType: 0 });
});

it('reads a WordPiece tokenizer.json as its vocab.txt, and a cased one with its case', () => {
  const json = read('bert-two-logits/tokenizer.json');
  const vocabulary: string[] = [];
  for (const [piece, id] of Object.entries<number>(json.model.vocab)) vocabulary[id] = piece;
  const [ours, plain] = [createTokenizer(json), createWordPiece(vocabulary)];
  expect(ours.encode('The Films, 1994!').ids).toEqual(plain.encode('The Films, 1994!').ids);
  const cased = createTokenizer({ ...json, normalizer: { ...json.normalizer, lowercase: false } });
  expect([...cased.encode('the The film').ids]).toEqual(['the', '[UNK]', 'film'].map((word) => vocabulary.indexOf(word)));
});

it.each([
  ['a component that it does not know', { ...xlmr, normalizer: { type: 'Nmt' } }, 'invalid_config', 'Nmt'],
  ['byte fallback', { ...xlmr, model: { ...xlmr.model, byte_fallback: true } }, 'invalid_config', 'byte_fallback'],
  ['another model', { ...xlmr, model: { type: 'WordLevel', vocab: {} } }, 'invalid_config', 'WordLevel'],
  [
    'a pattern of another language',
    { ...modernbert, pre_tokenizer: { type: 'Split', pattern: { Regex: '\\p{L}++' }, behavior: 'Isolated' } },
    'invalid_config',
    'possessive',
  ],
  ['no frame for pairs', { ...xlmr, post_processor: null }, 'invalid_config', 'post_processor'],
  ['another form', { ...xlmr, added_tokens: 7 }, 'corrupt', 'added_tokens'],
  ['a vocabulary of another form', { ...xlmr, model: { type: 'Unigram', vocab: [['a']] } }, 'corrupt', 'scores'],
  ['merges of what is not there', { ...modernbert, model: { ...modernbert.model, merges: [['☃', '☃']] } }, 'corrupt', '☃'],
  ['a damaged charsmap', { ...xlmr, normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } }, 'corrupt', 'charsmap'],
])('refuses %s', (_, json, code, named) => {
  expect(() => createTokenizer(json)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(named) }));
});
