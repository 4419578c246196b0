import type { SourceDocument } from '@resift/retrieval/stores/store';

/** A question and what it is ranked against. */
export interface BenchQuestion {
  readonly query: string;
  readonly documents: readonly { readonly id: string; readonly text: string }[];
}

/** Words of a passage, about 80 tokens: the length that the project's own figures are given for. */
const WORDS = 60;

/** Cuts documents into passages of about 80 tokens, from the start of each again where they are too few. */
export function passagesOf(documents: readonly SourceDocument[], count: number): string[] {
  const passages = documents.flatMap(({ text }) => {
    const words = text.split(/\s+/).filter((word) => word !== '');
    return Array.from({ length: Math.ceil(words.length / WORDS) }, (_, i) => words.slice(i * WORDS, (i + 1) * WORDS).join(' '));
  });
  const whole = passages.filter((passage) => passage.split(' ').length >= WORDS / 2);
  // A number in front keeps a text from being one that was read before.
  return Array.from({ length: count }, (_, i) =>
    i < whole.length ? whole[i]! : `${Math.floor(i / whole.length)}. ${whole[i % whole.length]!}`,
  );
}

/** A different question for every round: the titles of the documents. */
export function questionsOf(documents: readonly SourceDocument[], pairs: number, rounds: number): BenchQuestion[] {
  const texts = passagesOf(documents, pairs).map((text, i) => ({ id: String(i), text }));
  return Array.from({ length: rounds }, (_, round) => ({
    query: `What is said about ${documents[round % documents.length]!.title ?? 'this'}?`,
    documents: texts,
  }));
}
