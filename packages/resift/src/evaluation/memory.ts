import { createHash } from 'node:crypto';
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

/** What a reader found, outliving the process; a `Journal` is one. Give every reader model its own: a key holds its id and the texts, nothing else. */
export interface KeptSpans {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

type Read = Awaited<ReturnType<SpanReader['read']>>;

/** Experiments go question by question, so little has to be kept. */
const KEPT = 512;

/**
 * Opens an empty memory for one experiment. What it gives back is what the stage gave, to the digit. With `kept`, a passage that was read
 * for a question in an earlier run is not read again.
 */
export function createMemory(kept?: KeptSpans): Memory {
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

  /** Spans of one passage, which do not depend on the passages beside it. */
  async function readOnce(
    reader: SpanReader,
    question: string,
    passage: string,
    options: Parameters<SpanReader['read']>[2],
  ): Promise<Read> {
    if (!kept) return reader.read(question, [passage], options);
    const key = createHash('sha256')
      .update(JSON.stringify(['spans', reader.id, question, passage]))
      .digest('base64url');
    const stored = kept.get(key) as Read['spans'] | undefined;
    if (stored) {
      hits.generate += 1;
      return { spans: stored, usage: {} };
    }
    const read = await reader.read(question, [passage], options);
    kept.set(key, read.spans);
    return read;
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
          passages.map((passage) => once('generate', [reader.id, question, passage], () => readOnce(reader, question, passage, options))),
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
