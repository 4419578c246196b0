import type { GroundedSentence } from './check-groundedness.ts';
import type { Citation } from './generator.ts';

/** The answer without the sentences that no source supports; citations move with their sentences, and go with them. */
export function supportedPart(
  answer: string,
  citations: readonly Citation[],
  sentences: readonly GroundedSentence[],
): { answer: string; citations: Citation[]; sentences: GroundedSentence[] } {
  let text = '';
  const moved: { sentence: GroundedSentence; shift: number }[] = [];
  for (const [i, sentence] of sentences.entries()) {
    if (!sentence.supported) continue;
    const gapFrom = sentences[i - 1]?.end ?? 0;
    text += text === '' ? '' : answer.slice(gapFrom, sentence.start);
    moved.push({ sentence, shift: text.length - sentence.start });
    text += answer.slice(sentence.start, sentence.end);
  }

  const kept = citations.flatMap((citation) => {
    const touched = sentences.filter(({ start, end }) => start < citation.end && end > citation.start);
    const first = moved.find(({ sentence }) => sentence === touched[0]);
    if (!first || !touched.every(({ supported }) => supported)) return [];
    return [{ ...citation, start: citation.start + first.shift, end: citation.end + first.shift }];
  });
  return {
    answer: text,
    citations: kept,
    sentences: moved.map(({ sentence, shift }) => ({ ...sentence, start: sentence.start + shift, end: sentence.end + shift })),
  };
}
