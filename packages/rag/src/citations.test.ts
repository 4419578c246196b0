import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citationReader } from './citations.ts';
import type { Citation } from './generator.ts';
import { bestSupport } from './quote.ts';
import type { Source } from './source.ts';
import { passage } from './test/fakes.ts';

const FILM = 'Dumb and Dumber is a comedy from 1994. Jim Carrey plays Lloyd. The two friends drive to Aspen to return a briefcase.';
const TOWN = 'Aspen lies in Colorado. It began as a silver camp, and it is known for its ski slopes.';
const sources: Source[] = [FILM, TOWN].map((text, i) => ({
  id: `s${i}`,
  documentId: `d${i}`,
  // The passage is a piece of a longer document.
  passage: passage(`d${i}`, text, { id: `s${i}`, start: 100, end: 100 + text.length }),
  scale: 'first_stage',
  firstStage: { rank: i + 1, score: 1 },
}));

function read(parts: readonly string[]) {
  const reader = citationReader(sources);
  const out = [...parts.flatMap((part) => reader.push(part)), ...reader.end()];
  return {
    text: out.map(({ text }) => text ?? '').join(''),
    citations: out.flatMap(({ citation }) => citation ?? []),
    forged: out.reduce((sum, { forgedCitations }) => sum + (forgedCitations ?? 0), 0),
  };
}
const covered = (text: string, { start, end }: Citation) => text.slice(start, end);

describe('citation marks', () => {
  it('leave the text and become exact quotes of the sentence that says most of it', () => {
    const { text, citations } = read(['The friends drive to Aspen [1]. It is a ski town in Colorado.[2] Nothing else.']);
    expect(text).toBe('The friends drive to Aspen. It is a ski town in Colorado. Nothing else.');
    expect(citations.map((citation) => [covered(text, citation), citation.source])).toEqual([
      ['The friends drive to Aspen', 's0'],
      ['It is a ski town in Colorado.', 's1'],
    ]);
    expect(citations[0]).toMatchObject({ quote: 'The two friends drive to Aspen to return a briefcase.' });
    for (const { source, quote, quoteStart, quoteEnd } of citations) {
      const { passage } = sources.find(({ id }) => id === source)!;
      expect(passage.text.slice(quoteStart - 100, quoteEnd - 100)).toBe(quote);
    }
  });

  it.each([
    ['One [1, 2].', 2, 0],
    ['One [1][2].', 2, 0],
    ['One [1-2].', 2, 0],
    ['One [Source 1].', 1, 0],
    ['One [7].', 0, 1],
    ['One [0].', 0, 1],
    ['One [1,99].', 1, 1],
    ['One [2019].', 0, 0],
    ['One [1', 0, 0],
    ['[1]', 0, 0],
    ['`a[1]` and\n```\nb[2]\n```', 0, 0],
    ['an `unclosed tick.\n\nNext [1].', 1, 0],
    ['One [1]. One [1].', 2, 0],
    ['One [1] [1].', 1, 0],
  ])('%j make %i citations, %i forged', (text, citations, forged) => {
    const found = read([text]);
    expect([found.citations.length, found.forged]).toEqual([citations, forged]);
  });

  it('that name no source leave the text, other brackets stay', () => {
    expect(read(['See [9] the [note] of [2019] and a[i].']).text).toBe('See the [note] of [2019] and a[i].');
  });

  it('mean the same however the stream is cut', () => {
    const piece = fc.constantFrom('[1]', '[', ']', '2', ' ', '. ', 'Aspen', '`', '[1,', '[source', '\n', '\n\n', 'ski', '[77]');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.nat(50), (pieces, cut) => {
        const whole = pieces.join('');
        const expected = read([whole]);
        expect(read([whole.slice(0, cut), whole.slice(cut)])).toEqual(expected);
        expect(read([...whole])).toEqual(expected);
        for (const citation of expected.citations) expect(covered(expected.text, citation).trim()).not.toBe('');
      }),
    );
  });
});

describe('the supporting words', () => {
  const support = (statement: string, text: string) => {
    const { start, end } = bestSupport(statement, text);
    return text.slice(start, end);
  };
  it('take in a neighbour that carries a good part of the statement', () => {
    expect(support('Lloyd drives to Aspen.', FILM)).toBe('Jim Carrey plays Lloyd. The two friends drive to Aspen to return a briefcase.');
    expect(support('Jim Carrey plays in it.', FILM)).toBe('Jim Carrey plays Lloyd.');
  });
  it('are the whole passage where no word is shared', () => {
    expect(support('Völlig anderes', TOWN)).toBe(TOWN);
    expect(support('x', '')).toBe('');
  });
});
