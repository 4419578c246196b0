import { createReranker, type PairModel } from '@resift/core';
import { atLeast } from '@resift/reranker/at-least';
import { cached } from '@resift/reranker/cached';
import { calibrated } from '@resift/reranker/calibrated';
import { cascade } from '@resift/reranker/cascade';
import { crossEncoder } from '@resift/reranker/cross-encoder';
import { withDeadline } from '@resift/reranker/deadline';
import { ensemble } from '@resift/reranker/ensemble';
import { failOpen } from '@resift/reranker/fail-open';
import { fused } from '@resift/reranker/fusion';
import { withHoldout } from '@resift/reranker/holdout';
import { memoryKeyValue } from '@resift/reranker/key-value';
import { labelled } from '@resift/reranker/labelled';
import { lateInteraction } from '@resift/reranker/late-interaction';
import { liftMonitor } from '@resift/reranker/lift';
import { likelihood } from '@resift/reranker/likelihood';
import { listwise } from '@resift/reranker/listwise';
import { maxPassage } from '@resift/reranker/max-passage';
import { monitored } from '@resift/reranker/monitored';
import { pairwise } from '@resift/reranker/pairwise';
import { pointwise } from '@resift/reranker/pointwise';
import { rankZephyr } from '@resift/reranker/prompts/listwise-prompts';
import { setwise } from '@resift/reranker/setwise';
import { atLeastDocuments, atLeastTokens, when } from '@resift/reranker/when';
import { hashingEmbedder, overlap, overlapChat, overlapLogprobs } from './fakes.ts';
import { throughAiSdk, throughLangChain, throughLlamaIndex, throughMastra } from './frameworks.ts';
import { describeReranker } from './reranker.ts';

const plain = createReranker({
  id: 'overlap',
  scale: 'logit',
  score: async (query, texts) => ({ values: texts.map((text) => overlap(query, text)) }),
});
const probable = calibrated(plain, { kind: 'platt', a: 2, b: -3 });
const pairModel: PairModel = {
  id: 'overlap',
  score: async (query, texts) => ({ logits: texts.map((text) => overlap(query, text)), usage: { calls: 1 } }),
};
const head = { features: ['maxsim', 'cosine', 'lexical'], mean: [0, 0, 0], scale: [1, 1, 1], weights: [2, 1, 1], bias: -1 } as const;
const lexicon = { documents: 100, averageLength: 6, df: () => 3 };

const SEES_A_SELECTION = {
  'scores a text the same whatever stands around it': 'the second stage sees a text only if the first preferred it to its neighbours',
};

const FRAMEWORK_TEXT = {
  'names the document whose text is no string': "the framework's own document class makes another text of it, or fails, before we see it",
};

describeReranker('a plain scorer', () => plain);
describeReranker('late interaction', () => lateInteraction(hashingEmbedder));
describeReranker('late interaction with a head', () => lateInteraction(hashingEmbedder, { head, lexicon }));
describeReranker('calibrated by Platt', () => probable);
describeReranker('calibrated by steps', () => calibrated(plain, { kind: 'isotonic', scores: [0, 1, 3], probabilities: [0, 0.5, 0.5] }));
describeReranker('labelled', () => labelled(probable, { veryLikely: 0.8, likely: 0.3 }));
describeReranker('a cascade that skips its tail', () => cascade(lateInteraction(hashingEmbedder), 3, plain), {
  except: SEES_A_SELECTION,
});
describeReranker('a cascade that caps its tail', () => cascade(probable, 3, probable, { tail: 'capped' }), { except: SEES_A_SELECTION });
describeReranker('with a hold-out', () => withHoldout(plain, { share: 0.1, random: () => 0.9 }));
describeReranker('fail open', () => failOpen(plain, { budgetMs: 60_000 }));
describeReranker('with a deadline', () => withDeadline(plain, 60_000));
describeReranker('with a deadline, in slices', () => withDeadline(plain, 60_000, { slice: 2 }));
describeReranker('a cross-encoder', () => crossEncoder(pairModel));
describeReranker('a cross-encoder that reads passages', () =>
  crossEncoder(pairModel, { longDocuments: (text) => text.split(/(?<= is )/) }),
);
describeReranker('listwise, one window', () => listwise(overlapChat));
describeReranker('listwise, many windows, single-turn', () =>
  listwise(overlapChat, { window: 4, stride: 2, top: 'all', prompt: rankZephyr }),
);
describeReranker('pairwise by heap', () => pairwise(overlapChat));
describeReranker('pairwise by bubbles', () => pairwise(overlapChat, { method: 'bubble', bothOrders: false }));
describeReranker('pairwise, all pairs', () => pairwise(overlapChat, { method: 'all-pairs' }));
describeReranker('setwise', () => setwise(overlapChat, { size: 3 }));
describeReranker('pointwise', () => pointwise(overlapLogprobs));
describeReranker('likelihood labels', () => likelihood(overlapChat));
describeReranker('fused by rank', () => fused([plain, lateInteraction(hashingEmbedder)]));
describeReranker('fused by Borda', () => fused([plain, lateInteraction(hashingEmbedder)], { method: 'borda', weights: [2, 1] }));
describeReranker('fused by majority', () => fused([plain, lateInteraction(hashingEmbedder), plain], { method: 'condorcet' }));
describeReranker('an ensemble', () => ensemble([probable, probable], { weights: [2, 1] }));
const store = memoryKeyValue();
describeReranker('cached, in one memory for all laws', () => cached(plain, { store, tenant: 'a', identity: ['1'] }));
describeReranker('the best passage of a document', () => maxPassage(plain, (text) => text.split(/(?<= is )/)));
describeReranker('the best passage of an order', () => maxPassage(listwise(overlapChat), (text) => [text, text]));
describeReranker('when a rule agrees', () => when([atLeastDocuments(0), atLeastTokens(1)], plain));
describeReranker('at least nothing', () => atLeast(0, probable));
describeReranker('LangChain.js, there and back', () => throughLangChain(plain), { runs: 200, except: FRAMEWORK_TEXT });
describeReranker('LlamaIndex.TS, there and back', () => throughLlamaIndex(plain), { runs: 200, except: FRAMEWORK_TEXT });
describeReranker('AI SDK, there and back', () => throughAiSdk(plain), { runs: 200 });
describeReranker('Mastra, there and back', () => throughMastra(probable), {
  runs: 200,
  except: {
    "rejects with the signal's own reason": 'Mastra passes no signal to a relevance scorer',
    "rejects with the signal's own reason when it aborts on the way": 'Mastra passes no signal to a relevance scorer',
    'refuses a topK that is no number of documents': 'Mastra cuts by itself, the scorer sees one text a call',
  },
});
describeReranker('monitored', () => monitored(plain, { monitor: liftMonitor(), sample: 1 }));
describeReranker(
  'identity',
  () => createReranker({ id: 'identity', scale: 'ordinal', score: async (_, texts) => ({ values: texts.map((_, i) => 1 / (i + 1)) }) }),
  { except: { 'finds the relevant document in last place': 'it is the baseline that does not look' } },
);
