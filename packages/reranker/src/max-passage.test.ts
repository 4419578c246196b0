import { createReranker, type PairModel, type Tokenizer } from '@resift/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crossEncoder } from './cross-encoder.ts';
import { failOpen } from './fail-open.ts';
import { maxPassage, tokenWindows } from './max-passage.ts';

const words: Tokenizer = {
  count: (text) => text.match(/\S+/g)?.length ?? 0,
  truncate: (text, tokens) => new RegExp(`^(?:\\s*\\S+){0,${tokens}}`).exec(text)![0],
};
const seen: { texts: readonly string[]; tokenBudget: number | undefined }[] = [];
const model: PairModel = {
  id: 'numbers',
  async score(_, texts, { tokenBudget } = {}) {
    seen.push({ texts, tokenBudget });
    return {
      logits: texts.map((text) => (/\d/.test(text) ? Math.max(...text.match(/\d+/g)!.map(Number)) : undefined)),
      usage: { truncated: 1 },
    };
  },
};
const documents = ['1 2 3 9', 'none', '5 5'].map((text, i) => ({ id: `d${i}`, text }));

it('scores every pair in one call, and skips what the model did not reach', async () => {
  seen.length = 0;
  const { items, skipped, usage, scale } = await crossEncoder(model).rerank('q', documents, { tokenBudget: 77 });
  expect(items.map(({ index, score }) => [index, score])).toEqual([
    [0, 9],
    [2, 5],
  ]);
  expect(skipped).toEqual([documents[1]]);
  expect(seen).toEqual([{ texts: ['1 2 3 9', 'none', '5 5'], tokenBudget: 77 }]);
  expect([usage.truncated, scale]).toEqual([1, 'logit']);
});

it('reads long documents in windows, and the best one counts', async () => {
  seen.length = 0;
  const { items, skipped } = await crossEncoder(model, { longDocuments: tokenWindows(words, 2, 0) }).rerank('q', documents);
  expect(seen[0]!.texts).toEqual(['1 2', ' 3 9', 'none', '5 5']);
  expect(items.map(({ index, score }) => [index, score])).toEqual([
    [0, 9],
    [2, 5],
  ]);
  expect(skipped).toEqual([documents[1]]);
});

it('reads a document whole that gives no passage, and passes a failure on', async () => {
  seen.length = 0;
  await crossEncoder(model, { longDocuments: () => [] }).rerank('q', documents);
  expect(seen[0]!.texts).toEqual(documents.map(({ text }) => text));
  const broken = failOpen(createReranker({ id: 'b', scale: 'logit', score: () => Promise.reject(new TypeError('boom')) }));
  expect((await maxPassage(broken, (text) => [text, text]).rerank('q', documents)).status).toMatchObject({ status: 'degraded', window: 3 });
});

it('windows reach the end of any text, are short enough, and overlap as asked', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ minLength: 1, maxLength: 5 }).filter((word) => !/\s/.test(word)),
        { maxLength: 40 },
      ),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(8),
      (list, max, lap) => {
        const overlap = Math.min(lap, max - 1);
        const text = list.join(' ');
        const windows = tokenWindows(words, max, overlap)(text);
        for (const window of windows) expect(words.count(window)).toBeLessThanOrEqual(max);
        expect(windows.length === 0 ? '' : text.slice(-windows.at(-1)!.length || text.length)).toBe(windows.at(-1) ?? '');
        const rebuilt = windows.flatMap((window, i) => (window.match(/\S+/g) ?? []).slice(i === 0 ? 0 : overlap));
        expect(rebuilt).toEqual(list);
      },
    ),
  );
  expect(() => tokenWindows(words, 4, 4)).toThrow('overlapTokens < maxTokens');
});
