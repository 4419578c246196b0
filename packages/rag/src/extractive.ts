import { noUsage, ResiftError, type Span, type SpanReader } from '@resift/core';
import { answerSentence, type ExtractedAnswer } from './answer-sentence.ts';
import type { GeneratedPart, Generator } from './generator.ts';
import { NO_ANSWER } from './prompts.ts';
import { quoteOf } from './quote.ts';
import type { Source } from './source.ts';

export interface ExtractiveOptions {
  /** Longest answer in words. Default 60. */
  readonly maxWords?: number | undefined;
  /** Abstain below this probability of the span. Default: the reader's own threshold. */
  readonly threshold?: number | undefined;
  /**
   * How much the reranker's probability of a passage counts beside the reader's of the span: spans are compared by
   * `probability × (1 - rankWeight + rankWeight × rerank)`. Default 0.5; 0 looks at the spans alone. Without a calibrated score of the
   * passage the spans alone count, and of equal ones the earlier.
   */
  readonly rankWeight?: number | undefined;
  /** What an abstention says. */
  readonly noAnswer?: string | undefined;
}

/**
 * Answers with a sentence of the sources, found by a model that reads each passage for the words that answer. Needs no chat model
 * and no key, invents nothing, and abstains below the reader's threshold. Where the title of a source does not stand in the
 * sentence it goes before it ("Dumb and Dumber: Two friends drive to Aspen."), since titles hold what sentences leave out.
 */
export function extractive(reader: SpanReader, options: ExtractiveOptions = {}): Generator {
  const { maxWords = 60, threshold = reader.threshold, rankWeight = 0.5, noAnswer = NO_ANSWER } = options;
  if (!(maxWords >= 5)) throw new ResiftError('invalid_config', `Expected \`maxWords\` to be 5 or more, got ${maxWords}.`);

  return {
    id: `extractive:${reader.id}`,
    async *generate({ question, sources, signal }): AsyncGenerator<GeneratedPart> {
      signal?.throwIfAborted();
      const texts = sources.map(titled);
      const { spans, usage } =
        sources.length > 0
          ? await reader.read(
              question,
              texts.map(({ text }) => text),
              { signal },
            )
          : { spans: [], usage: noUsage };
      if (spans.length !== sources.length) {
        throw new ResiftError('bad_output', `${reader.id} read ${spans.length} passages of ${sources.length}.`);
      }

      const best = choose(sources, spans, rankWeight);
      // The reader's own probability decides: a good passage never lifts a span that does not answer.
      if (!best || !(best.span.probability >= threshold)) {
        yield { text: noAnswer, abstained: true, usage };
        return;
      }
      const source = sources[best.index]!;
      const { lead, titleEnd } = texts[best.index]!;
      const start = best.span.start - lead;
      // A span in the title that was put before the passage lies before its text.
      const span = best.span.start < titleEnd ? undefined : { start: Math.max(0, start), end: best.span.end - lead };
      const answer: ExtractedAnswer = answerSentence(source.passage, span, question, maxWords);
      yield { text: answer.text, citation: quoteOf(source.passage, answer.quote, answer), usage };
    },
  };
}

/** The passage with its title before it where it does not begin with it, as a reader needs it: "it" and "the film" are then named. */
function titled({ passage }: Source): { text: string; lead: number; titleEnd: number } {
  const title = passage.title?.replace(/\s+/g, ' ').trim() ?? '';
  const known =
    title === '' ||
    passage.text
      .slice(0, 2 * title.length + 20)
      .toLowerCase()
      .includes(title.toLowerCase());
  if (known) return { text: passage.text, lead: 0, titleEnd: 0 };
  const head = `${title}. `;
  return { text: head + passage.text, lead: head.length, titleEnd: title.length };
}

function choose(sources: readonly Source[], spans: readonly (readonly Span[])[], rankWeight: number) {
  let best: { index: number; span: Span; worth: number } | undefined;
  for (const [index, found] of spans.entries()) {
    const { scale, score } = sources[index]!;
    const relevance = scale === 'probability' && score !== undefined ? score : 1;
    for (const span of found) {
      const worth = span.probability * (1 - rankWeight + rankWeight * relevance);
      if (span.end > span.start && (!best || worth > best.worth)) best = { index, span, worth };
    }
  }
  return best;
}
