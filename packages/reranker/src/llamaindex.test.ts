import { MockLLM } from '@llamaindex/core/llms/mock';
import type { BaseNodePostprocessor } from '@llamaindex/core/postprocessor';
import { createReranker, type RankingStatus } from '@resift/core';
import {
  BaseRetriever,
  getResponseSynthesizer,
  type NodeWithScore,
  RetrieverQueryEngine,
  SimilarityPostprocessor,
  TextNode,
} from 'llamaindex';
import { expect, it } from 'vitest';
import { ResiftPostprocessor } from './llamaindex.ts';

const seen: { query: string; texts: readonly string[] }[] = [];
/** Scores a text by its number; a text without one is not scored. */
const byNumber = createReranker({
  id: 'by-number',
  scale: 'logit',
  async score(query, texts) {
    seen.push({ query, texts });
    return { values: texts.map((text) => (/\d/.test(text) ? Number(/-?\d+/.exec(text)![0]) : undefined)) };
  },
});
const broken = createReranker({ id: 'broken', scale: 'logit', score: () => Promise.reject(new TypeError('boom')) });

const nodes = (): NodeWithScore[] =>
  ['zero 0', 'no number', 'three 3', 'two 2'].map((text, i) => ({
    node: new TextNode({ id_: `n${i}`, text, metadata: { source: `${i}.txt` } }),
    score: 0.9 - i / 10,
  }));
const shape = (list: readonly NodeWithScore[]) => list.map(({ node, score }) => [node.id_, score]);

class FixedRetriever extends BaseRetriever {
  readonly found = nodes();
  static create = () => new FixedRetriever(); // the framework's constructor is protected
  override async _retrieve(): Promise<NodeWithScore[]> {
    return this.found;
  }
}
const engine = (retriever: FixedRetriever, ...postprocessors: BaseNodePostprocessor[]) =>
  new RetrieverQueryEngine(
    retriever,
    getResponseSynthesizer('compact', { llm: new MockLLM({ responseMessage: 'an answer' }) }),
    postprocessors,
  );

it('runs inside a RetrieverQueryEngine, and leaves what the retriever gave as it was', async () => {
  const retriever = FixedRetriever.create();
  const before = shape(retriever.found);
  const { sourceNodes, message } = await engine(retriever, new ResiftPostprocessor({ reranker: byNumber, topN: 2 })).query({
    query: 'which?',
  });
  expect(message.content).toBe('an answer');
  expect(shape(sourceNodes!)).toEqual([
    ['n2', 3],
    ['n3', 2],
  ]);
  expect(sourceNodes![0]!.node).toBe(retriever.found[2]!.node);
  expect(shape(retriever.found)).toEqual(before);
  expect(retriever.found[2]!.node.metadata).toEqual({ source: '2.txt' });
  expect(seen.at(-1)!.query).toBe('which?');
});

it('stands before another postprocessor', async () => {
  const both = engine(
    FixedRetriever.create(),
    new ResiftPostprocessor({ reranker: byNumber }),
    new SimilarityPostprocessor({ similarityCutoff: 2.5 }),
  );
  const { sourceNodes } = await both.query({ query: 'which?' });
  expect(shape(sourceNodes!)).toEqual([['n2', 3]]);
});

it('takes a query of parts, as a chat engine sends it', async () => {
  const parts = [
    { type: 'text' as const, text: 'first' },
    { type: 'image_url' as const, image_url: { url: 'data:' } },
    { type: 'text' as const, text: 'second' },
  ];
  await engine(FixedRetriever.create(), new ResiftPostprocessor({ reranker: byNumber })).query({ query: { query: parts } });
  expect(seen.at(-1)!.query).toBe('first\n\nsecond');
});

it('keeps a score of 0, and gives none to what was not scored', async () => {
  const kept = await new ResiftPostprocessor({ reranker: byNumber }).postprocessNodes(nodes(), 'q');
  expect(shape(kept)).toEqual([
    ['n2', 3],
    ['n3', 2],
    ['n0', 0],
    ['n1', undefined],
  ]);
});

it('keeps first-stage order and scores where the reranker fails, and says so', async () => {
  const statuses: RankingStatus[] = [];
  const postprocessor = new ResiftPostprocessor({ reranker: broken, topN: 3, onStatus: (status) => statuses.push(status) });
  expect(shape(await postprocessor.postprocessNodes(nodes(), 'q'))).toEqual(shape(nodes()).slice(0, 3));
  expect(statuses).toMatchObject([{ status: 'degraded', reason: 'unavailable' }]);
  await expect(new ResiftPostprocessor({ reranker: broken, onFailure: 'throw' }).postprocessNodes(nodes(), 'q')).rejects.toThrow('boom');
});

it('leaves the nodes as they are where there is no query to rank by', async () => {
  const statuses: RankingStatus[] = [];
  const postprocessor = new ResiftPostprocessor({ reranker: byNumber, onStatus: (status) => statuses.push(status) });
  expect(shape(await postprocessor.postprocessNodes(nodes()))).toEqual(shape(nodes()));
  expect(statuses).toMatchObject([{ status: 'skipped' }]);
  await expect(new ResiftPostprocessor({ reranker: byNumber, onFailure: 'throw' }).postprocessNodes(nodes())).rejects.toMatchObject({
    code: 'invalid_input',
  });
});

it('chooses what is scored', async () => {
  const [node] = nodes();
  const scored = async (options: Partial<ConstructorParameters<typeof ResiftPostprocessor<NodeWithScore>>[0]>) => {
    await new ResiftPostprocessor<NodeWithScore>({ reranker: byNumber, ...options }).postprocessNodes([node!], 'q');
    return seen.at(-1)!.texts[0];
  };
  expect(await scored({})).toBe('zero 0');
  expect(await scored({ metadata: 'all' })).toBe('source: 0.txt\n\nzero 0');
  expect(await scored({ fields: ['source'] })).toBe('source: 0.txt\nzero 0');
  expect(await scored({ text: ({ node }) => node.id_ })).toBe('n0');
});

it('takes a signal, and refuses bad input', async () => {
  const reason = new Error('the user left');
  const aborted = new ResiftPostprocessor({ reranker: byNumber, signal: AbortSignal.abort(reason) });
  await expect(aborted.postprocessNodes(nodes(), 'q')).rejects.toBe(reason);
  await expect(new ResiftPostprocessor({ reranker: byNumber }).postprocessNodes(nodes(), '')).rejects.toMatchObject({
    code: 'invalid_input',
  });
});
