import { ResiftError } from '@resift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answer } from './answer.ts';
import { chatGenerator } from './chat-generator.ts';
import { expandToParents } from './parent.ts';
import type { Source } from './source.ts';
import { fixedRetriever, passage, scriptedChat, tokenizer } from './test/fakes.ts';

const TEXT = 'One is first. Two is second. Three is third. Four is fourth.\n\nFive is fifth. Six is sixth.';
const source = (start: number, end: number, text = TEXT, documentId = 'd'): Source => ({
  id: `${documentId}#${start}`,
  documentId,
  passage: { id: `${documentId}#${start}`, documentId, text: text.slice(start, end), start, end },
  scale: 'first_stage',
  firstStage: { rank: 1, score: 1 },
});
const at = (words: string, text = TEXT) => source(text.indexOf(words), text.indexOf(words) + words.length, text);
const expand = (sources: Source[], tokens: number, text: string | undefined = TEXT) =>
  expandToParents(sources, { read: async () => text, tokens }, 10, tokenizer);

describe('expandToParents', () => {
  it('grows by whole sentences to both sides, up to the tokens', async () => {
    const [grown] = await expand([at('Three is third.')], 9);
    expect(grown!.passage.text).toBe('Two is second. Three is third. Four is fourth.');
    expect((await expand([at('Three is third.')], 5))[0]!.passage.text).toBe('Three is third.');
    expect((await expand([at('Three is third.')], 1_000))[0]!.passage).toMatchObject({ text: TEXT, start: 0, end: TEXT.length });
  });

  it('never lets two passages of a document grow over each other', async () => {
    const grown = await expand([at('Four is fourth.'), at('Two is second.')], 1_000);
    expect(grown.map(({ passage }) => passage.text)).toEqual([TEXT.slice(TEXT.indexOf('Three')), 'One is first. Two is second.']);
  });

  it.each([
    ['is gone', undefined],
    ['says something else now', TEXT.replaceAll('third', 'other')],
  ])('leaves a passage whose document %s as it is', async (_, text) => {
    const given = at('Three is third.');
    expect(await expandToParents([given], { read: async () => text, tokens: 100 }, 10, tokenizer)).toEqual([given]);
  });

  it('leaves it where the store fails, and rejects with the reason of an abort', async () => {
    const given = [at('Three is third.')];
    const read = async () => Promise.reject(new ResiftError('unavailable', 'away'));
    expect(await expandToParents(given, { read, tokens: 100 }, 10, tokenizer)).toEqual(given);
    const reason = new Error('left');
    await expect(expandToParents(given, { read, tokens: 100 }, 10, tokenizer, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('keeps every offset true, every passage inside its parent, and nothing in two', async () => {
    const word = fc.stringMatching(/^[a-zé]{1,6}[.!?]?$/u);
    const texts = fc.array(word, { minLength: 5, maxLength: 60 }).map((words) => words.join(' '));
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
        async (text, tokens, numbers) => {
          const cuts = [...new Set(numbers.map((n) => n % text.length))].sort((a, b) => a - b);
          const given = cuts
            .slice(1)
            .map((end, i) => source(cuts[i]!, end, text))
            .reverse();
          const grown = await expand(given, tokens, text);
          for (const [i, { passage: now }] of grown.entries()) {
            const { passage: before } = given[i]!;
            expect(text.slice(now.start, now.end)).toBe(now.text);
            expect(now.start <= before.start && now.end >= before.end).toBe(true);
            if (now.text !== before.text) expect(tokenizer.count(now.text)).toBeLessThanOrEqual(tokens);
            for (const other of grown.slice(i + 1)) expect(other.passage.end <= now.start || other.passage.start >= now.end).toBe(true);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

it('gives the generator the parent, and citations point into the document', async () => {
  const chunk = passage('d', 'Three is third.', { start: TEXT.indexOf('Three'), end: TEXT.indexOf('Three') + 15 });
  const rag = {
    retriever: fixedRetriever([chunk]),
    generator: chatGenerator(scriptedChat(['Two is second [1].'])),
    tokenizer,
    parent: { read: async () => TEXT, tokens: 20 },
    limits: { candidates: 10, topN: 3, contextTokens: 500 },
  };
  const events = [];
  for await (const event of answer([{ role: 'user', content: 'Which is second?' }], rag)) events.push(event);
  const [sources, done] = [events[0]!, events.at(-1)!];
  if (sources.type !== 'sources' || done.type !== 'done') throw new Error('no answer');
  expect(sources.sources[0]!.passage.text).toContain('Two is second.');
  const { quote, quoteStart, quoteEnd } = done.citations[0]!;
  expect(TEXT.slice(quoteStart, quoteEnd)).toBe(quote);
  expect(quote).toBe('Two is second.');
});
