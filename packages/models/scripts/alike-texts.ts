import { Tokenizer as HuggingFace } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { bertTokenizerJson } from '../src/testing/bert-tokenizer-json.ts';

/** Texts mixed of the vocabulary's words, long words, scripts, marks, controls and emoji that @huggingface/tokenizers and BertTokenizerFast read alike. */
export function alikeTexts(vocabulary: readonly string[]): fc.Arbitrary<string> {
  const word = fc.constantFrom(...vocabulary.map((entry) => entry.replace(/^##/, '')));
  const changed = [word, word.map((each) => each.toUpperCase().replaceAll('Σ', '')), word.map((each) => each.repeat(30))];
  const piece = fc.oneof(word, ...changed, alikeCharacter(), alikeCharacter());
  return fc.array(fc.tuple(piece, fc.constantFrom('', '', ' ', '\n')), { maxLength: 20 }).map((all) => all.flat().join(''));
}

/** Blocks in which both libraries go by the same Unicode; the golden cases above hold all others. No capital sigma: it is lower-cased by its place in a word there. */
function alikeCharacter(): fc.Arbitrary<string> {
  const ranges = [
    [0x00, 0xff],
    [0x100, 0x24f],
    [0x300, 0x36f],
    [0x391, 0x3a1],
    [0x3b1, 0x3c9],
    [0x400, 0x52f],
    [0x5d0, 0x5ea],
    [0x620, 0x652],
    [0x905, 0x94d],
    [0xe01, 0xe3a],
    [0x2010, 0x205e],
    [0x3041, 0x3096],
    [0x4e00, 0x9fa5],
    [0xac00, 0xd7a3],
    [0xf900, 0xfa2d],
    [0xfe0f, 0xfe0f],
    [0x1f300, 0x1f64f],
  ] as const;
  return fc.oneof(...ranges.map(([min, max]) => fc.integer({ min, max }).map((point) => String.fromCodePoint(point))));
}

/** The JavaScript tokenizer of Hugging Face with this vocabulary, as BERT uses it. */
export function huggingFace(vocabulary: readonly string[]): HuggingFace {
  return new HuggingFace(bertTokenizerJson(vocabulary) as never, {});
}
