import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packContext } from './context.ts';
import { renderSource } from './prompt.ts';
import type { Source } from './source.ts';
import { passage, tokenizer } from './test/fakes.ts';

const source = (id: string, text: string, more: Partial<Source> = {}): Source => ({
  id: `${id}#0`,
  documentId: id,
  passage: passage(id, text),
  scale: 'probability',
  firstStage: { rank: 1, score: 1 },
  ...more,
});
const ids = (sources: readonly Source[]) => sources.map(({ documentId }) => documentId);
const roomy = { topN: 10, contextTokens: 1000 };

it('takes the best first, and no more than asked', () => {
  const sources = ['a', 'b', 'c'].map((id) => source(id, `text of ${id}`));
  expect(ids(packContext(sources, tokenizer, { ...roomy, topN: 2 }).sources)).toEqual(['a', 'b']);
});

it('puts the best at both ends where asked', () => {
  const sources = ['a', 'b', 'c', 'd', 'e'].map((id) => source(id, `text of ${id}`));
  expect(ids(packContext(sources, tokenizer, { ...roomy, order: 'lost-in-the-middle' }).sources)).toEqual(['a', 'c', 'e', 'd', 'b']);
});

it('takes the same words once, and no piece of what it already has', () => {
  const inside = source('a', 'of a', { id: 'a#1', passage: passage('a', 'of a', { id: 'a#1', start: 5, end: 9 }) });
  const { sources, leftOut } = packContext([source('a', 'Text of a.'), source('b', 'text  of A'), inside], tokenizer, roomy);
  expect(ids(sources)).toEqual(['a']);
  expect(leftOut).toEqual({ floor: 0, duplicate: 2, tooLong: 0 });
});

it('applies the floor to probabilities, and to nothing else', () => {
  const scores = [0.9, 0.2, undefined];
  const sources = scores.map((score, i) => source(`d${i}`, `text ${i}`, score === undefined ? {} : { score }));
  const floor = { ...roomy, scoreFloor: 0.5 };
  expect(ids(packContext(sources, tokenizer, floor).sources)).toEqual(['d0', 'd2']);
  const logits = sources.map((one) => ({ ...one, scale: 'logit' as const }));
  expect(ids(packContext(logits, tokenizer, floor).sources)).toEqual(['d0', 'd1', 'd2']);
});

it('never splits, never exceeds the tokens of what the model will see, and leaves out only what does not fit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }),
      fc.integer({ min: 0, max: 200 }),
      (lengths, contextTokens) => {
        const sources = lengths.map((words, i) => source(`d${i}`, Array.from({ length: words }, (_, k) => `w${i}x${k}`).join(' ')));
        const packed = packContext(sources, tokenizer, { topN: 20, contextTokens });
        const seen = packed.sources.map((one, i) => renderSource(one, i + 1));
        const counted = seen.reduce((sum, text) => sum + tokenizer.count(text), 0);
        expect(counted).toBe(packed.tokens);
        expect(counted).toBeLessThanOrEqual(contextTokens);
        for (const one of packed.sources) expect(sources).toContain(one);
        expect(packed.sources.length + packed.leftOut.tooLong).toBe(sources.length);
      },
    ),
  );
});
