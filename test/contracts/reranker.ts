import type { Document, Ranking, Reranker, RerankOptions } from '@resift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** A fact every reranker must satisfy, whatever it is made of. */
export interface Law {
  readonly name: string;
  readonly check: (reranker: Reranker) => Promise<void>;
}

const QUERY = 'capital of France';
const RELEVANT = 'Paris is the capital of France.';
const CORPUS = [
  'Bananas are rich in potassium.',
  'The Rhine flows through Basel.',
  'Bananas are rich in potassium.', // a copy: two documents may carry the same text
  'Berlin is the capital of Germany.',
  'Photosynthesis stores light as sugar.',
  RELEVANT,
];

function documentsFrom(texts: readonly string[]): readonly Document[] {
  return Object.freeze(texts.map((text, i) => Object.freeze({ id: `d${i}`, text, metadata: Object.freeze({ i }) })));
}

const run = (reranker: Reranker, texts: readonly string[], options?: RerankOptions) =>
  reranker.rerank(QUERY, documentsFrom(texts), options);

const ids = ({ items }: Ranking) => items.map((item) => item.document.id);

export const laws: readonly Law[] = [
  {
    name: 'keeps every document exactly once, as ranked or skipped',
    async check(reranker) {
      const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom(...CORPUS, '', ' \n', '👩‍👩‍👧 🇫🇷 é'));
      const texts = fc.array(text, { maxLength: 30 });
      await fc.assert(
        fc.asyncProperty(texts, async (texts) => {
          const { items, skipped } = await run(reranker, texts);
          const seen = [...items.map((item) => item.document.id), ...skipped.map((document) => document.id)];
          expect(seen.toSorted()).toEqual(texts.map((_, i) => `d${i}`).toSorted());
        }),
        { numRuns: 25 },
      );
    },
  },
  {
    name: 'returns the very objects it was given, at the index they had, unchanged',
    async check(reranker) {
      const documents = documentsFrom(CORPUS);
      const { items } = await reranker.rerank(QUERY, documents);
      for (const item of items) expect(item.document).toBe(documents[item.index]);
    },
  },
  {
    name: 'sorts by score, and keeps the input order of equals',
    async check(reranker) {
      const { items } = await run(reranker, CORPUS);
      for (const [i, item] of items.entries()) {
        const next = items[i + 1];
        if (!next) continue;
        expect(item.score).toBeGreaterThanOrEqual(next.score);
        if (item.score === next.score) expect(item.index).toBeLessThan(next.index);
      }
    },
  },
  {
    name: 'gives finite scores, on the scale it declares',
    async check(reranker) {
      const { items, scale } = await run(reranker, CORPUS);
      expect(scale).toBe(reranker.scale);
      for (const { score } of items) {
        expect(Number.isFinite(score)).toBe(true);
        if (scale === 'probability' || scale === 'ordinal') {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      }
    },
  },
  {
    name: 'drops nothing unless asked, and topK is a prefix of the whole',
    async check(reranker) {
      const whole = await run(reranker, CORPUS);
      expect(whole.items.length + whole.skipped.length).toBe(CORPUS.length);
      for (const topK of [0, 1, 3]) {
        expect(ids(await run(reranker, CORPUS, { topK }))).toEqual(ids(whole).slice(0, topK));
      }
    },
  },
  {
    name: 'treats no document and one document like any other number',
    async check(reranker) {
      expect((await run(reranker, [])).items).toEqual([]);
      const [only] = (await run(reranker, [RELEVANT])).items;
      expect(only).toMatchObject({ index: 0, score: expect.any(Number) });
    },
  },
  {
    name: 'finds the relevant document in last place',
    async check(reranker) {
      const [best] = (await run(reranker, CORPUS)).items;
      expect(best?.document.text).toBe(RELEVANT);
    },
  },
  {
    name: 'scores a text the same whatever stands around it',
    async check(reranker) {
      if (reranker.scale === 'ordinal') return; // an order exists only among others
      const scoreOf = async (texts: readonly string[]) =>
        (await run(reranker, texts)).items.find((item) => item.document.text === RELEVANT)!.score;
      expect(await scoreOf(CORPUS.toReversed())).toBeCloseTo(await scoreOf(CORPUS), 4);
      expect(await scoreOf([RELEVANT])).toBeCloseTo(await scoreOf(CORPUS), 4);
    },
  },
  {
    name: "rejects with the signal's own reason",
    async check(reranker) {
      const reason = new Error('the user left');
      await expect(run(reranker, CORPUS, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    },
  },
];

/** Runs the laws. An exemption is data: the law's name and the reason why it cannot hold. */
export function describeReranker(
  name: string,
  create: () => Reranker | Promise<Reranker>,
  { except = {} }: { except?: Readonly<Record<string, string>> } = {},
): void {
  describe(name, () => {
    for (const law of laws) {
      if (!(law.name in except)) it(law.name, async () => law.check(await create()));
    }
    if (Object.keys(except).length === 0) return;
    it('is exempt from laws that exist, with a reason', () => {
      for (const [law, reason] of Object.entries(except)) {
        expect(laws.map(({ name }) => name)).toContain(law);
        expect(reason.length).toBeGreaterThan(20);
      }
    });
  });
}
