import { addUsage, type GroundednessModel, noUsage, type Usage } from '@resift/core';
import { type Range, sentences } from './sentences.ts';
import type { Source } from './source.ts';
import { spanned } from './spans.ts';

export interface GroundedSentence extends Range {
  /** Calibrated probability that the sources support it. */
  readonly score: number;
  readonly supported: boolean;
}

/** How far the sources carry the answer. */
export interface Groundedness {
  readonly status: 'checked' | 'failed';
  /** The share of sentences that are supported; absent where the check failed. */
  readonly score?: number;
  readonly sentences: readonly GroundedSentence[];
  readonly model: string;
}

/** Checks every sentence of an answer against the packed sources. A check that fails says so and fails nothing else. */
export function checkGroundedness(
  answer: string,
  sources: readonly Source[],
  ground: GroundednessModel,
  signal: AbortSignal | undefined,
): Promise<{ groundedness: Groundedness; usage: Usage }> {
  return spanned(
    'resift.verify',
    { 'resift.verifier': ground.id, 'resift.sources': sources.length },
    () => checkSentences(answer, sources, ground, signal),
    ({ groundedness: { status, sentences, score } }) => ({
      'resift.verify.status': status,
      'resift.verify.sentences': sentences.length,
      ...(score !== undefined && { 'resift.verify.score': score }),
    }),
  );
}

async function checkSentences(
  answer: string,
  sources: readonly Source[],
  ground: GroundednessModel,
  signal: AbortSignal | undefined,
): Promise<{ groundedness: Groundedness; usage: Usage }> {
  const ranges = sentences(answer).filter(({ start, end }) => /[\p{L}\p{N}]/u.test(answer.slice(start, end)));
  const context = sources.map(({ passage }) => (passage.title ? `${passage.title}\n${passage.text}` : passage.text)).join('\n\n');
  try {
    const { probabilities, usage } = await ground.check(
      context,
      ranges.map(({ start, end }) => answer.slice(start, end)),
      { signal },
    );
    if (probabilities.length !== ranges.length || !probabilities.every((p) => p >= 0 && p <= 1)) throw new TypeError('No probabilities.');
    const quoted = verbatimIn(sources);
    const checked = ranges.map((range, i) => {
      const score = quoted(answer.slice(range.start, range.end)) ? 1 : probabilities[i]!;
      return { ...range, score, supported: score >= ground.threshold };
    });
    const supported = checked.filter((sentence) => sentence.supported).length;
    const score = checked.length > 0 ? supported / checked.length : 1;
    return { groundedness: { status: 'checked', score, sentences: checked, model: ground.id }, usage: addUsage(noUsage, usage) };
  } catch {
    signal?.throwIfAborted();
    return { groundedness: { status: 'failed', sentences: [], model: ground.id }, usage: noUsage };
  }
}

/** A sentence that stands in a source word for word, after its title or not, needs no model's opinion. White space and citation marks do not count. */
function verbatimIn(sources: readonly Source[]): (sentence: string) => boolean {
  const flat = (text: string) =>
    text
      .replaceAll(/\s*\[\d+\]/g, '')
      .replaceAll(/\s+/g, ' ')
      .trim();
  const texts = sources.map(({ passage }) => ({ lead: passage.title ? `${flat(passage.title)}: ` : '', text: flat(passage.text) }));
  return (sentence) => {
    const whole = flat(sentence);
    return texts.some(({ lead, text }) => {
      const wanted = lead !== '' && whole.startsWith(lead) ? whole.slice(lead.length) : whole;
      return wanted.split(' ').length >= LEAST_WORDS && text.includes(wanted);
    });
  };
}

/** Shorter ones ("Yes.", "It was.") may stand anywhere and say nothing. */
const LEAST_WORDS = 4;
