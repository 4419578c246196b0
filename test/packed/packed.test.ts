import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmptyProject, emptyProject, packAll } from './project.ts';

const LIBRARY = [
  'resift-core',
  'resift-models',
  'resift-models-en',
  'resift-reranker',
  'resift-rag',
  'resift-retrieval',
  'resift-eval',
  'resift',
];
const DOCUMENTS = `[
  'Bananas are rich in potassium.',
  'Berlin is the capital of Germany.',
  'Paris is the capital of France.',
]`;

let tarballs: (...names: readonly string[]) => string[];
const projects: EmptyProject[] = [];
const newProject = () => {
  const project = emptyProject();
  projects.push(project);
  return project;
};
beforeAll(async () => {
  tarballs = await packAll();
});
afterAll(() => {
  for (const project of projects) project.remove();
});

describe('a stranger installs the tarballs into an empty project', () => {
  it('reranks in plain JavaScript, by import and by require, and the script ends by itself', async () => {
    const project = newProject();
    await project.install(...tarballs(...LIBRARY));
    project.write(
      'plain.mjs',
      `import { localReranker } from 'resift';
       const reranker = await localReranker();
       const documents = ${DOCUMENTS}.map((text, i) => ({ id: String(i), text }));
       const { items, status } = await reranker.rerank('What is the capital of France?', documents);
       console.log(JSON.stringify({ best: items[0].document.text, score: items[0].score, status: status.status }));`,
    );
    const { stdout, stderr, code } = await project.run('node', ['plain.mjs']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { best, score, status } = JSON.parse(stdout);
    expect(best).toBe('Paris is the capital of France.');
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThanOrEqual(1);
    expect(status).toBe('applied');

    // Fails with ERR_REQUIRE_ASYNC_MODULE as soon as one module has a top-level await.
    project.write(
      'plain.cjs',
      `const { localReranker } = require('resift');
       for (const name of ['ai-sdk', 'llamaindex', 'mastra', 'cascade', 'listwise']) require('@resift/reranker/' + name);
       localReranker().then(async (reranker) => {
         const { items } = await reranker.rerank('What is the capital of France?', ${DOCUMENTS}.map((text, i) => ({ id: String(i), text })));
         console.log(items[0].document.text);
       });`,
    );
    const required = await project.run('node', ['--disable-warning=ExperimentalWarning', 'plain.cjs']);
    expect(required).toEqual({ code: 0, stdout: 'Paris is the capital of France.\n', stderr: '' });
  });

  it('is a LangChain.js compressor where only LangChain is installed', async () => {
    const project = newProject();
    await project.install(...tarballs(...LIBRARY), '@langchain/core@1.2.13');
    project.write(
      'chain.mjs',
      `import { Document } from '@langchain/core/documents';
       import { BaseDocumentCompressor } from '@langchain/core/retrievers/document_compressors';
       import { ResiftCompressor } from '@resift/reranker/langchain';
       import { localReranker } from 'resift';
       const compressor = new ResiftCompressor({ reranker: await localReranker(), topN: 2 });
       const documents = ${DOCUMENTS}.map((pageContent, i) => new Document({ pageContent, metadata: { i } }));
       const kept = await compressor.compressDocuments(documents, 'What is the capital of France?');
       console.log(JSON.stringify({ is: compressor instanceof BaseDocumentCompressor, kept: kept.map(({ pageContent, metadata }) => ({ pageContent, ...metadata })), input: documents[2].metadata }));`,
    );
    const { stdout, stderr } = await project.run('node', ['chain.mjs']);
    expect(stderr).toBe('');
    const { is, kept, input } = JSON.parse(stdout);
    expect(is).toBe(true);
    expect(kept).toHaveLength(2);
    expect(kept[0]).toMatchObject({ pageContent: 'Paris is the capital of France.', i: 2, relevanceScore: expect.any(Number) });
    expect(input).toEqual({ i: 2 });
  });

  it('is a LlamaIndex.TS postprocessor where only LlamaIndex is installed', async () => {
    const project = newProject();
    await project.install(...tarballs(...LIBRARY), 'llamaindex@0.12.1', '--legacy-peer-deps');
    project.write(
      'nodes.mjs',
      `import { TextNode } from 'llamaindex';
       import { ResiftPostprocessor } from '@resift/reranker/llamaindex';
       import { localReranker } from 'resift';
       const postprocessor = new ResiftPostprocessor({ reranker: await localReranker(), topN: 2 });
       const nodes = ${DOCUMENTS}.map((text) => ({ node: new TextNode({ text }), score: 0.5 }));
       const kept = await postprocessor.postprocessNodes(nodes, 'What is the capital of France?');
       console.log(JSON.stringify(kept.map(({ node, score }) => ({ text: node.text, score }))));
       process.exit(0); // llamaindex itself keeps the process open`,
    );
    const { stdout } = await project.run('node', ['nodes.mjs']);
    const kept = JSON.parse(stdout.trim().split('\n').at(-1)!);
    expect(kept).toHaveLength(2);
    expect(kept[0].text).toBe('Paris is the capital of France.');
  });

  it('is a command that ranks a pipe', async () => {
    const project = newProject();
    await project.install(...tarballs(...LIBRARY, 'resift-api', 'resift-cli'));
    const input = ['Bananas are rich in potassium.', 'Berlin is the capital of Germany.', 'Paris is the capital of France.'].join('\n');
    const ranked = await project.run('npx', ['resift', 'rerank', 'capital of France', '--json'], { input });
    expect(ranked.stderr).toBe('');
    expect(JSON.parse(ranked.stdout.split('\n')[0]!)).toMatchObject({ text: 'Paris is the capital of France.', index: 2, rank: 1 });

    const help = await project.run('npx', ['resift', 'ask', '--help']);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('--collection');
  });

  it('ingests a file and answers from it', async () => {
    const project = newProject();
    await project.install(...tarballs(...LIBRARY, 'resift-api', 'resift-cli'));
    project.write(
      'bridge.md',
      '# The Øresund Bridge\n\nThe Øresund Bridge links Copenhagen with Malmö. It was opened to traffic on 1 July 2000.\n',
    );
    project.write('bread.txt', 'A sourdough starter needs flour, water and patience. Feed it every day for a week.');
    const ingested = await project.run('npx', ['resift', 'ingest', 'bridge.md', 'bread.txt', '--json']);
    expect(ingested.stderr).toBe('');
    expect(JSON.parse(ingested.stdout)).toMatchObject([{ documents: 1 }, { documents: 1 }]);

    const asked = await project.run('npx', ['resift', 'ask', 'When was the Øresund Bridge opened to traffic?', '--json']);
    const { answer, citations } = JSON.parse(asked.stdout);
    expect(answer).toContain('2000');
    expect(citations[0].quote).toContain('2000');
  });
});
