import { noUsage, ResiftError, type Span, type SpanReader } from '@resift/core';
import { answerSentence, type ExtractedAnswer } from './answer-sentence.ts';
import type { GeneratedPart, Generator } from './generator.ts';
import { NO_ANSWER } from './prompts.ts';
import { quoteOf } from './quote.ts';
import type { Source } from './source.ts';
import { contentWords } from './words.ts';

export interface ExtractiveOptions {
  /** Longest answer in words. Default 60. */
  readonly maxWords?: number | undefined;
  /** Abstain below this probability of the span (lowered where its passage hardly fits the question). Default: the reader's own threshold. */
  readonly threshold?: number | undefined;
  /**
   * How much the reranker's opinion of a passage counts beside the reader's of the span: spans are compared by
   * `probability × rerank^rankWeight × coverage²`, `rerank` being the passage's calibrated probability (1 where there is none) and
   * `coverage` the part of the question's words that it holds, words that tell these passages apart counting more. Default 1.5.
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
  const { maxWords = 60, threshold = reader.threshold, rankWeight = 1.5, noAnswer = NO_ANSWER } = options;
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

      const best = choose(question, sources, spans, rankWeight);
      // The reader's own probability decides whether to answer. A good passage never lifts a span that does not answer; a doubtful one lowers it.
      if (!best || !(best.span.probability * best.trust >= threshold)) {
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

function choose(question: string, sources: readonly Source[], spans: readonly (readonly Span[])[], rankWeight: number) {
  const coverage = coverages(question, sources);
  let best: { index: number; span: Span; trust: number; worth: number } | undefined;
  for (const [index, found] of spans.entries()) {
    const { scale, score } = sources[index]!;
    const scored = scale === 'probability' && score !== undefined;
    const relevance = scored ? score : 1;
    const trust = Math.min(1, scored ? score / DOUBTFUL.score : coverage[index]! / DOUBTFUL.coverage);
    for (const span of found) {
      const worth = span.probability * relevance ** rankWeight * coverage[index]! ** 2;
      if (span.end > span.start && (!best || worth > best.worth)) best = { index, span, trust, worth };
    }
  }
  return best;
}

/**
 * Below this calibrated probability of its passage, or where there is none below this coverage, a span counts proportionally less.
 * Readers are trained on passages that are at least about the matter, and trust what they find in others too much.
 */
const DOUBTFUL = { score: 0.1, coverage: 0.2 };
/** Even a passage that shares no word with the question may answer it. */
const LEAST_COVERAGE = 0.02;

/** For each passage the part of the question's words that it or its title holds, weighted by how few of these passages hold them. */
function coverages(question: string, sources: readonly Source[]): number[] {
  const bags = sources.map(({ passage }) => new Set(contentWords(`${passage.title ?? ''}\n${passage.text}`)));
  const weights = new Map<string, number>();
  for (const word of contentWords(question)) {
    const holding = bags.filter((bag) => bag.has(word)).length;
    weights.set(word, Math.log(1 + (bags.length - holding + 0.5) / (holding + 0.5)));
  }
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return bags.map((bag) => {
    const held = [...weights].reduce((sum, [word, weight]) => sum + (bag.has(word) ? weight : 0), 0);
    return total === 0 ? 1 : Math.max(LEAST_COVERAGE, held / total);
  });
}
