import { createReranker, type Passage } from '@resift/core';
import { expect, it } from 'vitest';
import { rerankCandidates } from './rerank-candidates.ts';

const passage = (id: string, text: string, title?: string): Passage => ({
  id,
  documentId: id,
  text,
  start: 0,
  end: text.length,
  ...(title && { title }),
});

it('judges a passage with the title of its document, and gives back the passage as it was', async () => {
  const seen: (readonly string[])[] = [];
  const reranker = createReranker({
    id: 'by-title',
    scale: 'logit',
    async score(_, texts) {
      seen.push(texts);
      return { values: texts.map((text) => (text.includes('Aspen') ? 1 : 0)) };
    },
  });
  const candidates = [passage('a', 'They drive across the country.'), passage('b', 'They drive across the country.', 'Aspen')].map(
    (document) => ({ document, score: 1 }),
  );
  const { sources } = await rerankCandidates('Aspen', candidates, reranker, { budgetMs: 60_000 });
  expect(seen).toEqual([['They drive across the country.', 'Aspen\nThey drive across the country.']]);
  expect(sources[0]!.passage).toBe(candidates[1]!.document);
});
