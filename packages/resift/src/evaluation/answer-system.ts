import type { GroundednessModel, Tokenizer } from '@resift/core';
import type { Outcome, System } from '@resift/eval/experiment/system';
import { type AnswerEvent, answer, type Citation, type Generator, type Source, search } from '@resift/rag';
import { createMemory, type Memory } from './memory.ts';
import { degradation, documentsOf, type SearchSystemOptions, searchParts } from './search-system.ts';

export interface AnswerSystemOptions extends SearchSystemOptions {
  /** Its name in the report where several are compared, and the generator. */
  readonly generator: Generator;
  readonly tokenizer: Tokenizer;
  /** Passages that the generator is given. */
  readonly topN: number;
  /** Tokens of them together. Default 3,000, as the server's. */
  readonly contextTokens?: number | undefined;
  /** Whether another seed can give another answer: true for chat models. Default false. */
  readonly seeded?: boolean | undefined;
  /** Checks answers as the server would; its report is not used by the experiment's own judges. Default: none. */
  readonly ground?: GroundednessModel | undefined;
  /** Stages shared with other systems; a stage that another system did has no time here. Default: its own. */
  readonly memory?: Memory | undefined;
}

/** The whole pipeline exactly as `/v1/chat` runs it. */
export function answerSystem(options: AnswerSystemOptions): System {
  const {
    collection,
    firstStage,
    reranker,
    candidates,
    generator,
    tokenizer,
    topN,
    contextTokens = 3_000,
    memory = createMemory(),
    ground,
  } = options;
  const parts = searchParts(collection, firstStage, reranker?.model, candidates);
  const rag = {
    retriever: memory.retriever(parts.retriever),
    reranker: parts.reranker && memory.reranker(parts.reranker),
    generator,
    tokenizer,
    ground,
    limits: { ...parts.limits, topN, contextTokens },
  };
  return {
    id: `${firstStage}${reranker ? ` + ${reranker.name}` : ''}, top ${topN}`,
    settings: {
      retriever: rag.retriever.id,
      reranker: reranker?.model.id ?? null,
      candidates,
      generator: generator.id,
      topN,
      contextTokens,
      ground: ground?.id ?? null,
    },
    ...(options.seeded && { seeded: true }),
    async ask({ text }, { signal }) {
      const before = { ...memory.hits };
      const remembered = (stage: 'retrieve' | 'rerank' | 'generate') => memory.hits[stage] > before[stage];
      const found = await search(text, rag, { signal });
      const stages = {
        ...(!remembered('retrieve') && { retrieve: found.timings.retrieveMs }),
        ...(reranker && !remembered('rerank') && { rerank: found.timings.rerankMs }),
      };
      // The same search again, from memory: `answer` gives only the passages that it packed.
      const { sources, done } = await finished(answer([{ role: 'user', content: text }], rag, { signal }));
      return {
        ranked: documentsOf(found),
        contexts: sources.sources.map(({ documentId, passage }) => ({
          documentId,
          text: passage.title ? `${passage.title}\n${passage.text}` : passage.text,
        })),
        answer: {
          text: done.answer,
          abstained: done.abstained,
          citations: done.citations.map((citation) => cited(citation, sources.sources)),
        },
        stages: { ...stages, ...(!remembered('generate') && { generate: done.timings.generateMs }) },
        usage: done.usage,
        ...degradation(sources),
      } satisfies Outcome;
    },
  };
}

/** A citation with the passage it points into: what carries a claim is the passage, the quote only shows where. */
function cited({ start, end, source, quote }: Citation, sources: readonly Source[]) {
  return { start, end, text: sources.find(({ id }) => id === source)?.passage.text ?? quote };
}

async function finished(events: AsyncGenerator<AnswerEvent>) {
  let sources: Extract<AnswerEvent, { type: 'sources' }> | undefined;
  for await (const event of events) {
    if (event.type === 'sources') sources = event;
    if (event.type === 'done') return { sources: sources!, done: event };
  }
  throw new TypeError('The pipeline ended without `done`.');
}
