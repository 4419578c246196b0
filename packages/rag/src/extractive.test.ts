import type { Passage } from '@resift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerSentence } from './answer-sentence.ts';
import { type ExtractiveOptions, extractive } from './extractive.ts';
import type { GeneratedPart } from './generator.ts';
import type { Source } from './source.ts';
import { fixedReader, passage, tokenizer } from './test/fakes.ts';

const source = (passage: Passage, score?: number): Source => ({
  id: passage.id,
  documentId: passage.documentId,
  passage,
  scale: score === undefined ? 'first_stage' : 'probability',
  ...(score !== undefined && { score }),
  firstStage: { rank: 1, score: 1 },
});

async function run(sources: Source[], reader = fixedReader({}), options: ExtractiveOptions = {}, question = 'Where do they drive?') {
  const parts: GeneratedPart[] = [];
  const messages = [{ role: 'user' as const, content: question }];
  for await (const part of extractive(reader, options).generate({ question, messages, sources, tokenizer })) parts.push(part);
  expect(parts).toHaveLength(1);
  return parts[0]!;
}

const TEXT = 'Two friends own a van.\nThey drive all the way from Providence to\nAspen in winter. It ends well.';

describe('the extractive generator', () => {
  it('answers with the sentence of the span, quoting it exactly', async () => {
    const film = passage('film', TEXT, { start: 50, end: 50 + TEXT.length });
    const { text, citation } = await run([source(film)], fixedReader({ Aspen: 0.9 }));
    expect(text).toBe('They drive all the way from Providence to Aspen in winter.');
    expect(citation).toEqual({
      source: 'film#0',
      start: 0,
      end: text!.length,
      quote: 'They drive all the way from Providence to\nAspen in winter.',
      quoteStart: 50 + TEXT.indexOf('They'),
      quoteEnd: 50 + TEXT.indexOf(' It ends'),
    });
  });

  it('puts the title before a sentence that does not name it', async () => {
    const { text, citation } = await run([source(passage('film', TEXT, { title: 'The Van (1990 film)' }))], fixedReader({ Aspen: 0.9 }));
    expect(text).toBe('The Van (1990 film): They drive all the way from Providence to Aspen in winter.');
    expect(text!.slice(citation!.start, citation!.end)).toBe('They drive all the way from Providence to Aspen in winter.');
  });

  it.each([
    ['Providence', 'They drive all the way from Providence to Aspen in winter.'],
    ['Winter drives from Providence: the way (2nd edition)', 'They drive all the way from Providence to Aspen in winter.'],
    ['notes.pdf', 'They drive all the way from Providence to Aspen in winter.'],
  ])('leaves out the title %s', async (title, expected) => {
    expect((await run([source(passage('film', TEXT, { title }))], fixedReader({ Aspen: 0.9 }))).text).toBe(expected);
  });

  it('reads the title too, and says it where it is the answer', async () => {
    const film = source(passage('film', TEXT, { title: 'Snow and Sand' }));
    const { text, citation } = await run(
      [film],
      fixedReader({ 'Snow and Sand': 0.9 }),
      {},
      'In which film do they drive to Aspen in winter?',
    );
    expect(text).toBe('Snow and Sand: They drive all the way from Providence to Aspen in winter.');
    expect(citation?.quote).toBe('They drive all the way from Providence to\nAspen in winter.');
  });

  it.each([
    [0.49, undefined, true],
    [0.5, undefined, false],
    [0.7, 0.8, true],
  ])('abstains below the threshold (%f, %s: %s)', async (probability, threshold, abstains) => {
    const { text, abstained, citation } = await run([source(passage('film', TEXT))], fixedReader({ Aspen: probability }), { threshold });
    expect(abstained ?? false).toBe(abstains);
    expect(text!.length).toBeGreaterThan(10);
    expect(citation === undefined).toBe(abstains);
  });

  it.each([
    [0.2, false],
    [0.05, true],
  ])('trusts a reader less in a passage that the reranker gives %f', async (relevance, abstains) => {
    const { abstained } = await run([source(passage('film', TEXT), relevance)], fixedReader({ Aspen: 0.8 }));
    expect(abstained ?? false).toBe(abstains);
  });

  it('without a score of the passage trusts one less that holds hardly any word of the question', async () => {
    const question = 'How many moons has Zorblax Nine, the planet they drive around?';
    const reader = fixedReader({ Aspen: 0.8 });
    expect((await run([source(passage('film', TEXT))], reader, {}, question)).abstained).toBe(true);
    expect((await run([source(passage('film', TEXT))], reader)).abstained).toBeUndefined();
  });

  it('weighs the span by how relevant the reranker finds its passage', async () => {
    const sources = [source(passage('a', 'They drive to Vail.'), 0.9), source(passage('b', 'They drive to Aspen.'), 0.1)];
    const reader = fixedReader({ Vail: 0.7, Aspen: 0.9 });
    expect((await run(sources, reader)).text).toContain('Vail');
    expect((await run(sources, reader, { rankWeight: 0 })).text).toContain('Aspen');
  });

  it('prefers the passage that speaks of what the question names', async () => {
    const sources = [source(passage('a', 'Anna drives to Vail.')), source(passage('b', 'Berta drives to Aspen.'))];
    const reader = fixedReader({ Vail: 0.9, Aspen: 0.8 });
    expect((await run(sources, reader, {}, 'Where does Berta drive?')).text).toContain('Aspen');
    expect((await run(sources, reader, {}, 'Where does she drive?')).text).toContain('Vail');
  });

  it('refuses a reader that loses passages, and hands over what it cost', async () => {
    const losing = { ...fixedReader({}), read: async () => ({ spans: [], usage: {} }) };
    await expect(run([source(passage('a', TEXT))], losing)).rejects.toMatchObject({ code: 'bad_output' });
    expect((await run([source(passage('a', TEXT))])).usage).toEqual({ calls: 1 });
  });
});

describe('the sentence of an answer', () => {
  it('is at most so many words, holds the span, and quotes exactly, whatever the text', () => {
    const word = fc.constantFrom('alpha', 'beta.', 'gamma,', 'Delta', '\n', '\n\n', 'e.g.', 'J.', '😀', 'zeta!');
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 200 }),
        fc.nat(),
        fc.nat(40),
        fc.integer({ min: 8, max: 60 }),
        fc.boolean(),
        (words, at, length, most, titled) => {
          const text = words.join(' ');
          const start = at % text.length;
          const end = Math.min(text.length, start + 1 + length);
          fc.pre(text.slice(start, end).trim() !== '' && text.slice(start, end).split(/\s+/).length < most - 3);
          const from = passage('d', text, titled ? { title: 'Some Title' } : {});
          const answer = answerSentence(from, { start, end }, 'alpha?', most);
          expect(answer.text.replace(/…/g, '').split(/\s+/).filter(Boolean).length).toBeLessThanOrEqual(most);
          const quote = text.slice(answer.quote.start, answer.quote.end);
          expect(answer.text.slice(answer.start, answer.end)).toBe(quote.replace(/\s+/g, ' '));
          expect(answer.text.replace(/\s+/g, ' ')).toContain(text.slice(start, end).replace(/\s+/g, ' ').trim());
        },
      ),
      { numRuns: 500 },
    );
  });
});
