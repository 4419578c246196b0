import { createReranker } from '@resift/core';
import { calibrated } from '@resift/reranker/calibrated';
import { cascade } from '@resift/reranker/cascade';
import { withDeadline } from '@resift/reranker/deadline';
import { failOpen } from '@resift/reranker/fail-open';
import { labelled } from '@resift/reranker/labelled';
import { lateInteraction } from '@resift/reranker/late-interaction';
import { hashingEmbedder, overlap } from './fakes.ts';
import { throughLangChain, throughLlamaIndex } from './frameworks.ts';
import { describeReranker } from './reranker.ts';

const pointwise = createReranker({
  id: 'overlap',
  scale: 'logit',
  score: async (query, texts) => ({ values: texts.map((text) => overlap(query, text)) }),
});
const probable = calibrated(pointwise, { kind: 'platt', a: 2, b: -3 });
const head = { features: ['maxsim', 'cosine', 'lexical'], mean: [0, 0, 0], scale: [1, 1, 1], weights: [2, 1, 1], bias: -1 } as const;
const lexicon = { documents: 100, averageLength: 6, df: () => 3 };

const SEES_A_SELECTION = {
  'scores a text the same whatever stands around it': 'the second stage sees a text only if the first preferred it to its neighbours',
};

describeReranker('a plain scorer', () => pointwise);
describeReranker('late interaction', () => lateInteraction(hashingEmbedder));
describeReranker('late interaction with a head', () => lateInteraction(hashingEmbedder, { head, lexicon }));
describeReranker('calibrated by Platt', () => probable);
describeReranker('calibrated by steps', () => calibrated(pointwise, { kind: 'isotonic', scores: [0, 1, 3], probabilities: [0, 0.5, 0.5] }));
describeReranker('labelled', () => labelled(probable, { veryLikely: 0.8, likely: 0.3 }));
describeReranker('a cascade that skips its tail', () => cascade(lateInteraction(hashingEmbedder), 3, pointwise), {
  except: SEES_A_SELECTION,
});
describeReranker('a cascade that caps its tail', () => cascade(probable, 3, probable, { tail: 'capped' }), { except: SEES_A_SELECTION });
describeReranker('fail open', () => failOpen(pointwise, { budgetMs: 60_000 }));
describeReranker('with a deadline', () => withDeadline(pointwise, 60_000));
describeReranker('with a deadline, in slices', () => withDeadline(pointwise, 60_000, { slice: 2 }));
describeReranker('LangChain.js, there and back', () => throughLangChain(pointwise));
describeReranker('LlamaIndex.TS, there and back', () => throughLlamaIndex(pointwise));
describeReranker(
  'identity',
  () => createReranker({ id: 'identity', scale: 'ordinal', score: async (_, texts) => ({ values: texts.map((_, i) => 1 / (i + 1)) }) }),
  { except: { 'finds the relevant document in last place': 'it is the baseline that does not look' } },
);
