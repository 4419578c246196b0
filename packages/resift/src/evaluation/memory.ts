import type { Passage, Reranker, SpanReader } from '@resift/core';
import type { ReportingRetriever } from '@resift/rag';

/** Results of stages that several systems of an experiment share, so that each is computed once per question. */
export interface Memory {
  retriever(retriever: ReportingRetriever): ReportingRetriever;
  reranker<S extends Reranker>(reranker: S): S;
  reader(reader: SpanReader): SpanReader;
  /** How often each stage was answered from memory: a stage with a hit has no time of its own. */
  readonly hits: Readonly<Record<'retrieve' | 'rerank' | 'generate', number>>;
}

/** Experiments go question by question, so little has to be kept. */
const KEPT = 512;

/** Opens an empty memory for one experiment. What it gives back is what the stage gave, to the digit. */
export function createMemory(): Memory {
  const hits = { retrieve: 0, rerank: 0, generate: 0 };
  const known = new Map<string, Promise<unknown>>();

  function once<T>(stage: keyof typeof hits, key: readonly unknown[], work: () => Promise<T>): Promise<T> {
    const name = JSON.stringify([stage, ...key]);
    const before = known.get(name) as Promise<T> | undefined;
    if (before) {
      hits[stage] += 1;
      return before;
    }
    const result = work();
    result.catch(() => known.delete(name));
    known.set(name, result);
    if (known.size > KEPT) known.delete(known.keys().next().value!);
    return result;
  }

  return {
    hits,
    retriever: (retriever) => ({
      id: retriever.id,
      retrieve: (query, options) =>
        once('retrieve', [retriever.id, query, options.topK, options.filter], () => retriever.retrieve(query, options)),
      retrieveWithStatus: (query, options) =>
        once('retrieve', [retriever.id, query, options.topK, options.filter, 'status'], () => retriever.retrieveWithStatus(query, options)),
    }),
    reranker: (reranker) => ({
      ...reranker,
      rerank: (query: string, documents: readonly Passage[], options = {}) =>
        once('rerank', [reranker.id, query, documents.map(({ id }) => id), options.topK], () => reranker.rerank(query, documents, options)),
    }),
    reader: (reader) => ({
      ...reader,
      async read(question, passages, options) {
        const read = await Promise.all(
          passages.map((passage) => once('generate', [reader.id, question, passage], () => reader.read(question, [passage], options))),
        );
        const add = (pick: 'calls' | 'inputTokens' | 'outputTokens' | 'truncated') =>
          read.reduce((sum, { usage }) => sum + (usage[pick] ?? 0), 0);
        return {
          spans: read.map(({ spans }) => spans[0] ?? []),
          usage: { calls: add('calls'), inputTokens: add('inputTokens'), outputTokens: add('outputTokens'), truncated: add('truncated') },
        };
      },
    }),
  };
}
