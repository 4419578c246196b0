import { type Document, noUsage, type Ranked, type RankingStatus, type Reranker, type Scale } from '@resift/core';
import { describe, expect, it } from 'vitest';
import { overlap } from './fakes.ts';
import { laws } from './reranker.ts';

/** Re-creations, in five lines each, of mistakes that well-known libraries ship. The laws must catch every one. */
function flawed(rank: (query: string, documents: readonly Document[]) => readonly Ranked[], scale: Scale = 'logit'): Reranker {
  return {
    id: 'flawed',
    scale,
    async rerank(query, documents, options) {
      options?.signal?.throwIfAborted();
      const items = rank(query, documents).slice(0, options?.topK ?? documents.length) as never;
      return { items, skipped: [], scale, usage: noUsage, status: applied(documents.length) };
    },
  };
}

const applied = (n: number): RankingStatus => ({ status: 'applied', window: n, scored: n, invalid: 0, cacheHits: 0 });
const scored = (query: string, documents: readonly Document[]): Ranked[] =>
  documents.map((document, index) => ({ document, index, score: overlap(query, document.text) }));
const best = (a: Ranked, b: Ranked) => b.score - a.score || a.index - b.index;

const mistakes: Record<string, Reranker> = {
  'rerankers/rankgpt_rankers.py: rank_end=0 sends no passage, so the order never changes': flawed(
    (_, documents) => documents.map((document, index) => ({ document, index, score: 1 / (index + 1) })),
    'ordinal',
  ),
  'rerankers/rankgpt_rankers.py: maps back by text, so copies collapse': flawed((query, documents) =>
    scored(query, documents)
      .sort(best)
      .map((item) => ({ ...item, document: documents.find((d) => d.text === item.document.text)! })),
  ),
  'rerankers/pylate_ranker.py: zips sorted scores with unsorted documents': flawed((query, documents) => {
    const scores = scored(query, documents)
      .sort(best)
      .map((item) => item.score);
    return documents.map((document, index) => ({ document, index, score: scores[index]! }));
  }),
  'rerankers/transformer_ranker.py: a single document loses a field': flawed((query, documents) =>
    documents.length === 1 ? [{ document: documents[0]! } as Ranked] : scored(query, documents).sort(best),
  ),
  'text-embeddings-inference/server.rs: sort then reverse turns ties around': flawed((query, documents) =>
    scored(query, documents)
      .sort((a, b) => a.score - b.score)
      .reverse(),
  ),
  'langchain-cohere/rerank.ts: topN is 3 unless you know': flawed((query, documents) => scored(query, documents).sort(best).slice(0, 3)),
  'langchain-cohere/rerank.ts: writes the score into your document': flawed((query, documents) =>
    scored(query, documents)
      .sort(best)
      .map((item) => {
        (item.document as never as { metadata: Record<string, number> }).metadata['relevanceScore'] = item.score;
        return item;
      }),
  ),
  'mastra/relevance: parseFloat of prose is NaN': flawed((query, documents) =>
    scored(query, documents)
      .sort(best)
      .map((item) => ({ ...item, score: Number.parseFloat(`about ${item.score}`) })),
  ),
  'mastra/rerank: the old position is part of the score': flawed((query, documents) =>
    scored(query, documents)
      .map((item) => ({ ...item, score: item.score + 0.2 * (1 - item.index / documents.length) }))
      .sort(best),
  ),
};

describe('the laws catch shipped mistakes', () => {
  it.each(Object.entries(mistakes))('%s', async (_, reranker) => {
    const verdicts = await Promise.allSettled(laws.map((law) => law.check(reranker)));
    const broken = laws.filter((_, i) => verdicts[i]!.status === 'rejected').map((law) => law.name);
    expect(broken).not.toEqual([]);
  });

  it('and acquit an honest one', async () => {
    const honest = flawed((query, documents) => scored(query, documents).sort(best));
    for (const law of laws) await law.check(honest);
  });
});
