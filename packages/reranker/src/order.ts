import { type Document, type Ranking, ResiftError } from '@resift/core';

export interface DiversityOptions {
  /** 1 is relevance alone, 0 is diversity alone. Default 0.7. */
  readonly lambda?: number | undefined;
  /** How many documents. Default: all that were ranked. */
  readonly topK?: number | undefined;
}

/**
 * Maximal marginal relevance (Carbonell & Goldstein 1998): picks, one by one, the document with the greatest λ · relevance - (1 - λ) · similarity to the nearest one already picked.
 * `similarity` is of two documents, in [0, 1]. A probability is the relevance as it is; another score is stretched over [0, 1] within this list, which serves this choice alone.
 */
export function diverse<D extends Document>(
  { items, scale }: Ranking<D>,
  similarity: (a: D, b: D) => number,
  { lambda = 0.7, topK = items.length }: DiversityOptions = {},
): D[] {
  if (!(lambda >= 0 && lambda <= 1)) throw new ResiftError('invalid_config', `Expected lambda from 0 to 1, got ${lambda}.`);
  const best = items[0]?.score ?? 0;
  const span = best - (items.at(-1)?.score ?? 0);
  const rest = items.map(({ document, score }) => ({
    document,
    relevance: scale === 'probability' ? score : span === 0 ? 1 : 1 - (best - score) / span,
    nearest: 0,
  }));

  const picked: D[] = [];
  while (picked.length < topK && rest.length > 0) {
    let place = 0;
    const worth = ({ relevance, nearest }: (typeof rest)[number]) => lambda * relevance - (1 - lambda) * nearest;
    for (let i = 1; i < rest.length; i++) if (worth(rest[i]!) > worth(rest[place]!)) place = i;
    const [{ document }] = rest.splice(place, 1) as [(typeof rest)[number]];
    picked.push(document);
    for (const other of rest) other.nearest = Math.max(other.nearest, similarity(document, other.document));
  }
  return picked;
}

/** Puts the best at both ends and the worst in the middle, where language models read least (Lost in the Middle, Liu et al. 2024): 1 3 5 … 6 4 2. */
export function bestAtTheEnds<D>(documents: readonly D[]): D[] {
  const front = documents.filter((_, i) => i % 2 === 0);
  const back = documents.filter((_, i) => i % 2 === 1);
  return [...front, ...back.reverse()];
}
