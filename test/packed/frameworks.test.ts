import { afterAll, describe, expect, it } from 'vitest';
import { checkTypesOf, documentExample, TYPESCRIPT } from './document-example.ts';
import { type EmptyProject, libraryProject } from './project.ts';

const MAIN = 'README.md';
const PACKAGE = 'packages/reranker/README.md';
const projects: EmptyProject[] = [];
async function projectWith(...packages: readonly string[]): Promise<EmptyProject> {
  const project = await libraryProject();
  projects.push(project);
  if (packages.length > 0) await project.install(...packages);
  return project;
}
afterAll(() => {
  for (const project of projects) project.remove();
});

/** The last line that a script prints, as JSON. */
async function printed(project: EmptyProject, name: string) {
  const { code, stdout, stderr } = await project.run('node', ['--import', TYPESCRIPT, `${name}.mts`]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

/** Runs the example of a document word for word; at its end it prints `show`. */
async function example(project: EmptyProject, document: string, marker: string, show: string) {
  // What llamaindex starts keeps a process open.
  documentExample(project, 'example', { document, marker }, `console.log(JSON.stringify(${show})); process.exit(0);`);
  return printed(project, 'example');
}

describe('the examples of the READMEs run where only their framework is installed', () => {
  it('plain TypeScript and Mastra, whose scorer needs no package', async () => {
    const project = await projectWith();
    const items = 'items.map(({ document, label }) => [document.id, label])';
    expect((await example(project, MAIN, "{ id: 'de'", items))[0]).toEqual(['fr', 'very likely']);
    expect((await example(project, 'packages/resift/README.md', 'reset my password', items))[0]).toEqual(['b', expect.any(String)]);
    expect(await example(project, PACKAGE, 'failOpen', '[items.map(({ document }) => document.id), status]')).toEqual([
      ['b'],
      expect.objectContaining({ status: 'applied' }),
    ]);
    const [best, worst] = await example(project, PACKAGE, 'ResiftRelevanceScorer', '[best, worst]');
    expect(best).toBeGreaterThan(worst);
  });

  it('Vercel AI SDK', async () => {
    const project = await projectWith('ai@6.0.326');
    expect(await example(project, MAIN, "from 'ai'", 'ranking.map(({ originalIndex }) => originalIndex)')).toEqual([1, 0]);
    expect((await example(project, PACKAGE, "from 'ai'", 'rerankedDocuments'))[0]).toBe('Paris is the capital of France.');
  });

  it('LlamaIndex.TS', async () => {
    const project = await projectWith('llamaindex@0.12.1', '--legacy-peer-deps');
    const shown = 'best.map(({ node, score }) => [node.text, score])';
    expect(await example(project, PACKAGE, 'TextNode', shown)).toEqual([['Paris is the capital of France.', expect.any(Number)]]);
    const kept = `await postprocessor.postprocessNodes([], 'capital of France')`;
    expect(await example(project, MAIN, 'ResiftPostprocessor', kept)).toEqual([]);
  });

  it('LangChain.js', async () => {
    const project = await projectWith('@langchain/core@1.2.13');
    const shown = '[compressor instanceof BaseDocumentCompressor, best.map(({ pageContent, metadata }) => [pageContent, metadata])]';
    const base = `import { BaseDocumentCompressor } from '@langchain/core/retrievers/document_compressors';`;
    for (const document of [MAIN, PACKAGE]) {
      documentExample(project, 'example', { document, marker: 'ResiftCompressor' }, `${base} console.log(JSON.stringify(${shown}));`);
      expect(await printed(project, 'example')).toEqual([
        true,
        [['Paris is the capital of France.', { relevanceScore: expect.any(Number) }]],
      ]);
    }
  });
});

describe('langchain 1.x', () => {
  /** The passage that answers shares fewer words with the question than another does. */
  const SETUP = `
    import { createAgent } from 'langchain';
    import { createStuffDocumentsChain } from '@langchain/classic/chains/combine_documents';
    import { createRetrievalChain } from '@langchain/classic/chains/retrieval';
    import { ContextualCompressionRetriever } from '@langchain/classic/retrievers/contextual_compression';
    import { createRetrieverTool } from '@langchain/classic/tools/retriever';
    import { AIMessage } from '@langchain/core/messages';
    import { ChatPromptTemplate } from '@langchain/core/prompts';
    import { fakeModel } from '@langchain/core/testing';
    import { FakeListChatModel } from '@langchain/core/utils/testing';
    import { ResiftRetriever } from '@resift/reranker/langchain-retriever';
    import { bm25 } from '@resift/retrieval/bm25';
    import { dense } from '@resift/retrieval/dense';
    import { hybrid } from '@resift/retrieval/hybrid';
    import { openModels } from 'resift';

    const question = 'What is the capital of Australia?';
    const passages = [
      'Australia exports capital goods, and what capital flows into Australia is taxed.',
      'Sydney is the largest city of Australia.',
      'Canberra is the seat of the Australian government and its capital city.',
      'Kangaroos live in Australia.',
      'Vienna is the capital of Austria.',
      'The opera house opened in 1973.',
    ].map((text, i) => ({ id: 'p' + i, documentId: 'atlas', text, start: 0, end: text.length, title: 'Atlas' }));
    const models = await openModels();
    const retriever = new ResiftRetriever({ retriever: hybrid({ words: bm25(passages), meaning: await dense(passages, await models.embedder()) }) });
    const seen = [];
    const scripted = (tool) => fakeModel()
      .respondWithTools([{ name: tool, args: { query: question } }])
      .respond((messages) => { seen.push(messages.at(-1).content); return new AIMessage('It says: ' + messages.at(-1).content.split('\\n\\n')[0]); });
    const ask = async (tool) => {
      const { messages } = await createAgent({ model: scripted(tool.name), tools: [tool] }).invoke({ messages: [{ role: 'user', content: question }] });
      return messages.map((message) => [message.getType(), message.content]);
    };
    const first = (await retriever.invoke(question)).map(({ id }) => id);`;
  const ANSWER = 'Canberra is the seat of the Australian government and its capital city.';

  it('an agent with a retriever tool answers from what was reranked, and so does a retrieval chain', async () => {
    const project = await projectWith('langchain@1.5.14', '@langchain/core@1.2.13', '@langchain/classic@1.0.50');
    documentExample(
      project,
      'agent',
      { document: 'docs/recipes/langchain-agent.md', marker: 'handbookTool' },
      `${SETUP}
       const recipe = await ask(handbookTool(retriever));
       const compressed = new ContextualCompressionRetriever({ baseRetriever: retriever, baseCompressor: new ResiftCompressor({ reranker: await localReranker(), topN: 2 }) });
       const byTool = await ask(createRetrieverTool(compressed, { name: 'search_atlas', description: 'Passages of the atlas.' }));
       const combineDocsChain = await createStuffDocumentsChain({ llm: new FakeListChatModel({ responses: ['Canberra.'] }), prompt: ChatPromptTemplate.fromTemplate('{context} {input}') });
       const { answer, context } = await (await createRetrievalChain({ retriever: compressed, combineDocsChain })).invoke({ input: question });
       console.log(JSON.stringify({ first, recipe, byTool, seen, chain: { answer, context: context.map(({ id, metadata }) => [id, metadata]) } }));`,
    );
    checkTypesOf(
      project,
      'docs/recipes/langchain-agent.md',
      "declare const vectorStore: import('@langchain/core/vectorstores').VectorStore;",
    );
    const { first, recipe, byTool, seen, chain } = await printed(project, 'agent');
    expect(first).toHaveLength(6);
    expect(first[0]).toBe('p0');
    expect(recipe.map(([type]: [string]) => type)).toEqual(['human', 'ai', 'tool', 'ai']);
    expect(recipe.at(-1)).toEqual(['ai', `It says: [1] ${ANSWER}`]);
    expect(byTool.at(-1)).toEqual(['ai', `It says: ${ANSWER}`]);
    expect(seen.map((read: string) => read.split('\n\n').length)).toEqual([5, 2]);
    expect(chain.answer).toBe('Canberra.');
    expect(chain.context[0]).toEqual(['p2', expect.objectContaining({ title: 'Atlas', relevanceScore: expect.any(Number) })]);
    expect(chain.context).toHaveLength(2);
  });
});
