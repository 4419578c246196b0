import { folderReranker } from 'resift';
import { afterAll } from 'vitest';
import { describeReranker } from './reranker.ts';

const fixtures = new URL('../../packages/models/fixtures/cross-encoders/', import.meta.url).pathname;
const RANDOM = { 'finds the relevant document in last place': 'the weights of the fixture are random: it knows nothing of relevance' };
const opened: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const reranker of opened) await reranker.close();
});

for (const name of ['bert', 'bert-two-logits', 'xlm-roberta', 'modernbert']) {
  for (const longDocuments of ['truncate', 'maxPassage'] as const) {
    const reranker = folderReranker(`${fixtures}${name}`, { workers: 1, longDocuments });
    reranker.then((open) => opened.push(open)).catch(() => {}); // each law fails with it
    describeReranker(`the cross-encoder ${name}, ${longDocuments}`, () => reranker, { except: RANDOM, runs: 10 });
    describeReranker(`the logits of ${name}, ${longDocuments}`, async () => (await reranker).raw, { except: RANDOM, runs: 10 });
  }
}
