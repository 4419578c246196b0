import type { Document, Ranking, Reranker, RerankOptions } from '@resift/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** A fact every reranker must satisfy, whatever it is made of. */
export interface Law {
  readonly name: string;
  readonly check: (reranker: Reranker, runs?: number) => Promise<void>;
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
    async check(reranker, runs = 25) {
      const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom(...CORPUS, '', ' \n', '👩‍👩‍👧 🇫🇷 é'));
      const texts = fc.array(text, { maxLength: 30 });
      await fc.assert(
        fc.asyncProperty(texts, async (texts) => {
          const { items, skipped } = await run(reranker, texts);
          const seen = [...items.map((item) => item.document.id), ...skipped.map((document) => document.id)];
          expect(seen.toSorted()).toEqual(texts.map((_, i) => `d${i}`).toSorted());
        }),
        { numRuns: runs },
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

/** What every reranker refuses, in the same words. */
export const refusals: readonly Law[] = [
  {
    name: 'refuses a query that is no string, or blank',
    async check(reranker) {
      for (const query of [undefined, 7, ['a'], '', ' \n']) {
        await expect(reranker.rerank(query as string, documentsFrom(CORPUS))).rejects.toMatchObject({ code: 'invalid_input' });
      }
    },
  },
  {
    name: 'names the document whose text is no string',
    async check(reranker) {
      const documents = [documentsFrom(CORPUS)[0]!, { id: 'x', text: null } as never];
      await expect(reranker.rerank(QUERY, documents)).rejects.toMatchObject({ code: 'invalid_input' });
      await expect(reranker.rerank(QUERY, documents)).rejects.toThrow(/documents\[1\]/);
    },
  },
  {
    name: 'refuses a topK that is no number of documents',
    async check(reranker) {
      for (const topK of [-1, 1.5, Number.NaN])
        await expect(run(reranker, CORPUS, { topK })).rejects.toMatchObject({ code: expect.any(String) });
    },
  },
  {
    name: "rejects with the signal's own reason when it aborts on the way",
    async check(reranker) {
      const controller = new AbortController();
      const reason = new Error('the user left');
      const work = run(reranker, CORPUS, { signal: controller.signal });
      controller.abort(reason);
      await expect(work).rejects.toBe(reason);
    },
  },
];

export interface ContractOptions {
  /** Laws that cannot hold, each with its reason. */
  readonly except?: Readonly<Record<string, string>> | undefined;
  /** Generated lists for the first law. Default 25. */
  readonly runs?: number | undefined;
}

/** Runs the laws and the refusals. An exemption is data: the law's name and the reason why it cannot hold. */
export function describeReranker(
  name: string,
  create: () => Reranker | Promise<Reranker>,
  { except = {}, runs }: ContractOptions = {},
): void {
  describe(name, () => {
    for (const law of [...laws, ...refusals]) {
      if (!(law.name in except)) it(law.name, async () => law.check(await create(), runs));
    }
    if (Object.keys(except).length === 0) return;
    it('is exempt from laws that exist, with a reason', () => {
      for (const [law, reason] of Object.entries(except)) {
        expect([...laws, ...refusals].map(({ name }) => name)).toContain(law);
        expect(reason.length).toBeGreaterThan(20);
      }
    });
  });
}
