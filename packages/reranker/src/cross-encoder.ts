import { createReranker, type PairModel, type Reranker } from '@resift/core';
import { maxPassage, type Passages } from './max-passage.ts';

export interface CrossEncoderOptions {
  /**
   * `truncate` (default): the model reads the beginning of a long document, and the cut is counted in `usage.truncated`. A function such as `tokenWindows(...)`: the
   * document is read in passages and its best one counts.
   */
  readonly longDocuments?: 'truncate' | Passages | undefined;
}

/** A model that reads query and text together (Nogueira & Cho 2019): the most accurate kind, and one full pass per document. */
export function crossEncoder(model: PairModel, { longDocuments = 'truncate' }: CrossEncoderOptions = {}): Reranker<'logit'> {
  const plain = createReranker({
    id: `cross-encoder(${model.id})`,
    scale: 'logit',
    async score(query, texts, { signal, tokenBudget }) {
      const { logits, usage } = await model.score(query, texts, { signal, tokenBudget });
      return { values: logits, usage };
    },
  });
  return longDocuments === 'truncate' ? plain : maxPassage(plain, longDocuments);
}
