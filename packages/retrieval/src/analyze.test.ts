import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAnalyzer } from './analyze.ts';
import { stemEnglish } from './internal/stem-english.ts';

// Examples from Porter's paper, one per rule.
it.each(
  'caresses caress, ponies poni, ties ti, caress caress, cats cat, feed feed, agreed agre, plastered plaster, bled bled, motoring motor, sing sing, conflated conflat, troubled troubl, sized size, hopping hop, falling fall, hissing hiss, fizzed fizz, failing fail, filing file, happy happi, sky sky, relational relat, conditional condit, rational ration, digitizer digit, vietnamization vietnam, operator oper, feudalism feudal, decisiveness decis, hopefulness hope, formaliti formal, sensitiviti sensit, triplicate triplic, formative form, electrical electr, goodness good, revival reviv, allowance allow, inference infer, airliner airlin, adjustable adjust, defensible defens, irritant irrit, replacement replac, adjustment adjust, dependent depend, adoption adopt, communism commun, activate activ, effective effect, probate probat, rate rate, cease ceas, controll control, roll roll, yes ye, by by'
    .split(', ')
    .map((pair) => pair.split(' ') as [string, string]),
)('stems %s to %s', (word, stem) => {
  expect(stemEnglish(word)).toBe(stem);
});

it('drops stop words, folds case, accents and compatibility forms, and pairs scripts without spaces', () => {
  const analyze = createAnalyzer();
  expect(analyze('The Keepers’ naïve ﬁsh — it’s 3.5 Ⅷ')).toEqual(['keeper', 'naiv', 'fish', '3', '5', 'viii']);
  expect(analyze('東京都 日')).toEqual(['東京', '京都', '日']);
  expect(createAnalyzer({ stopWords: ['fish'], stemming: 'none' })('The fish swims')).toEqual(['the', 'swims']);
  expect(analyze('हिन्दी')).toEqual(['हिन्दी']);
});

it('takes any text, and gives the same terms for composed and decomposed letters', () => {
  const analyze = createAnalyzer();
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      expect(analyze(text.normalize('NFD'))).toEqual(analyze(text.normalize('NFC')));
    }),
  );
  expect(analyze('x'.repeat(1e6))).toEqual(['x'.repeat(64)]);
});
