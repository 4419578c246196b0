import { ordinalScores, type Reranker, ResiftError, type Scale, type Tokenizer } from '@resift/core';
import { derive, statusOfAll } from './internal/derive.ts';

/** Cuts a text into the passages to score; what it does not give is not read. */
export type Passages = (text: string) => readonly string[];

/** Long documents: every passage is scored, and a document's best one is its score (MaxP, Dai & Callan 2019). A document whose text gives no passage is read whole. */
export function maxPassage<S extends Scale>(reranker: Reranker<S>, passages: Passages): Reranker<S> {
  return derive({
    id: `max-passage(${reranker.id})`,
    scale: reranker.scale,
    async score(query, texts, { signal, tokenBudget }, documents) {
      const pieces = texts.flatMap((text, owner) => {
        const cut = passages(text);
        return (cut.length > 0 ? cut : [text]).map((piece, part) => ({ id: `${documents[owner]!.id}#${part}`, text: piece, owner }));
      });
      const ranking = await reranker.rerank(query, pieces, { signal, tokenBudget });

      const best = Array.from<number | undefined>({ length: texts.length });
      // Best first, so the first piece of a document is its best one.
      for (const { document, score } of ranking.items) best[document.owner] ??= score;
      const order = [...new Set(ranking.items.map(({ document }) => document.owner))];
      return {
        values: reranker.scale === 'ordinal' ? ordinalScores(order, texts.length) : best,
        usage: ranking.usage,
        cacheHits: ranking.status.cacheHits,
        status: statusOfAll([ranking]),
      };
    },
  });
}

/** Windows of at most `maxTokens` tokens, of which `overlapTokens` (default: a quarter) are those that ended the one before. */
export function tokenWindows(tokenizer: Tokenizer, maxTokens: number, overlapTokens: number = Math.floor(maxTokens / 4)): Passages {
  if (!(Number.isInteger(maxTokens) && Number.isInteger(overlapTokens) && overlapTokens >= 0 && overlapTokens < maxTokens)) {
    throw new ResiftError(
      'invalid_config',
      `Expected whole numbers 0 <= overlapTokens < maxTokens, got ${overlapTokens} and ${maxTokens}.`,
    );
  }
  return (text) => {
    const windows: string[] = [];
    for (let rest = text; rest !== ''; ) {
      // A tokenizer that cannot give even one token's text must not stop the walk.
      const window = tokenizer.truncate(rest, maxTokens) || [...rest][0]!;
      windows.push(window);
      if (window.length >= rest.length) break;
      const step = tokenizer.truncate(window, maxTokens - overlapTokens).length;
      rest = rest.slice(step > 0 ? step : window.length);
    }
    return windows;
  };
}
