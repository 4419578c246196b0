export interface Claim {
  /** What is judged: a sentence of the answer without citation marks, or a fragment joined to its question. */
  readonly text: string;
  /** `[start, end)` of the sentence in the answer, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
const CITATION = /\s*\[\^?\d+(?:\s*[,;–-]\s*\d+)*\]/g;
const MARKUP = /^\s*(?:[-*+•]|#{1,6}|>|\d{1,3}[.)])\s+/;
/** `Intl.Segmenter` ends a sentence after these; it should not. */
const ABBREVIATION =
  /(?:^|[\s("'])(?:(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|Fig|No|Vol|Gen|Inc|Ltd|Co|approx|ca|cf|al|e\.g|i\.e|U\.S|U\.K)|[A-Z])\.\s*$/;
/** A sentence with fewer words says too little without the question. */
const FRAGMENT_WORDS = 5;

/**
 * Splits an answer into the claims that a judge checks one by one: its sentences, citation marks and list marks taken off, sentences
 * without a letter or digit left out. A fragment ("In 1903.") is judged together with its question. Deterministic, without a model.
 */
export function splitClaims(answer: string, question?: string): Claim[] {
  const pieces: { start: number; end: number }[] = [];
  for (const { segment, index } of segmenter.segment(answer)) {
    const last = pieces.at(-1);
    if (last && ABBREVIATION.test(answer.slice(last.start, last.end).slice(-16))) last.end = index + segment.length;
    else pieces.push({ start: index, end: index + segment.length });
  }
  return pieces.flatMap(({ start, end }) => {
    const raw = answer.slice(start, end);
    const text = raw.replaceAll(CITATION, '').replace(MARKUP, '').trim();
    if (!/[\p{L}\p{N}]/u.test(text)) return [];
    const lead = raw.length - raw.trimStart().length;
    const claim = question !== undefined && text.split(/\s+/).length < FRAGMENT_WORDS ? answerClaim(question, text) : text;
    return [{ text: claim, start: start + lead, end: start + raw.trimEnd().length }];
  });
}

/** A question and its answer as one claim: the form in which the embedded groundedness model learned short answers. */
export function answerClaim(question: string, answer: string): string {
  const bare = (text: string) => text.replaceAll(CITATION, '').trim();
  return `${bare(question).replace(/[?\s]+$/, '')}? ${bare(answer).replace(/[.\s]+$/, '')}.`;
}
