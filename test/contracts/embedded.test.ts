import { type Models, openModels } from 'resift';
import { afterAll, beforeAll } from 'vitest';
import { describeReranker } from './reranker.ts';

let models: Models;
beforeAll(async () => {
  models = await openModels({ workers: 2 });
});
afterAll(() => models.close());

describeReranker('resift-tiny, as shipped', () => models.reranker('tiny'));
describeReranker('resift-mini, as shipped', () => models.reranker('mini'));
describeReranker('resift-cascade, as shipped', () => models.reranker('cascade'), {
  except: {
    'scores a text the same whatever stands around it':
      'mini reads a text only if tiny preferred it to its neighbours, and the tail is capped by the head',
  },
});
describeReranker('the logits of resift-mini', () => models.rawReranker('mini'));
