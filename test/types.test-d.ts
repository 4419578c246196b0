import type { Reranker } from '@resift/core';
import { atLeast } from '@resift/reranker/at-least';
import { cached } from '@resift/reranker/cached';
import { calibrated } from '@resift/reranker/calibrated';
import { ensemble } from '@resift/reranker/ensemble';
import { memoryKeyValue } from '@resift/reranker/key-value';
import { labelled } from '@resift/reranker/labelled';
import { ResiftRelevanceScorer } from '@resift/reranker/mastra';

declare const probable: Reranker<'probability'>;
declare const raw: Reranker<'logit'>;
declare const ordered: Reranker<'ordinal'>;
const platt = { kind: 'platt', a: 1, b: 0 } as const;
const cache = { store: memoryKeyValue(), tenant: 't', identity: ['model'] };

atLeast(0.5, probable);
atLeast(0.5, calibrated(raw, platt));
// @ts-expect-error an order has no threshold
atLeast(0.5, ordered);
// @ts-expect-error a logit has none either
atLeast(0.5, raw);

labelled(probable, { veryLikely: 0.8, likely: 0.4 });
// @ts-expect-error words need a calibrated score
labelled(raw, { veryLikely: 0.8, likely: 0.4 });

// @ts-expect-error an order has no probability
calibrated(ordered, platt);
// @ts-expect-error calibrating twice would be the double sigmoid
calibrated(probable, platt);

ensemble([probable, probable]);
// @ts-expect-error only calibrated scores may be averaged
ensemble([probable, raw]);

cached(raw, cache);
// @ts-expect-error an order depends on all documents
cached(ordered, cache);

new ResiftRelevanceScorer({ reranker: probable });
// @ts-expect-error Mastra adds the score to others in [0, 1]
new ResiftRelevanceScorer({ reranker: raw });
