import { type Passage, type Tokenizer, untilAborted } from '@resift/core';
import type { Source } from './source.ts';

/** Gives the whole text of a document, or undefined where there is none any more; a store's `get` does. */
export type ParentReader = (documentId: string, options: { readonly signal?: AbortSignal | undefined }) => Promise<string | undefined>;

export interface ParentOptions {
  readonly read: ParentReader;
  /** Tokens that a passage may grow to, its own among them. */
  readonly tokens: number;
}

/** Where a text is preferably cut: between paragraphs, or after a sentence. */
const BREAK = /\n\s*\n|(?<=[.!?…]["')\]]?)\s+/gu;

/**
 * From chunk to parent: what was found is a small piece, what the generator reads is the text around it. Each of the first `most` passages grows by
 * whole sentences, to both sides in turn, up to a number of tokens; offsets and citations go on pointing into the document. Two passages of one
 * document never grow over each other. A passage whose document changed or went meanwhile, or cannot be read, stays as it is.
 */
export async function expandToParents(
  sources: readonly Source[],
  { read, tokens }: ParentOptions,
  most: number,
  tokenizer: Tokenizer,
  signal?: AbortSignal | undefined,
): Promise<Source[]> {
  const head = sources.slice(0, most);
  const ids = [...new Set(head.map(({ documentId }) => documentId))];
  const texts = new Map(
    await Promise.all(ids.map(async (id) => [id, await untilAborted(read(id, { signal }), signal).catch(() => undefined)] as const)),
  );
  signal?.throwIfAborted();
  const grown: Source[] = [];
  for (const [place, source] of head.entries()) {
    const { passage, documentId } = source;
    const text = texts.get(documentId);
    if (text === undefined || text.slice(passage.start, passage.end) !== passage.text) {
      grown.push(source);
      continue;
    }
    // What stands before it has grown already; what stands behind it keeps its own words.
    const others = [...grown, ...head.slice(place + 1)].map((other) => other.passage).filter((other) => other.documentId === documentId);
    grown.push({ ...source, passage: grow(passage, text, bounds(passage, text, others), tokens, tokenizer) });
  }
  return [...grown, ...sources.slice(most)];
}

/** How far a passage may reach without touching another one that lies wholly before or behind it. */
function bounds({ start, end }: Passage, text: string, others: readonly Passage[]) {
  const before = others.filter((other) => other.end <= start).map((other) => other.end);
  const behind = others.filter((other) => other.start >= end).map((other) => other.start);
  return { from: Math.max(0, ...before), to: Math.min(text.length, ...behind) };
}

function grow(passage: Passage, text: string, { from, to }: { from: number; to: number }, tokens: number, tokenizer: Tokenizer): Passage {
  const breaks = [...text.slice(from, to).matchAll(BREAK)].map((found) => ({
    end: from + found.index,
    next: from + found.index + found[0].length,
  }));
  const first = passage.start - text.slice(from, passage.start).trimStart().length;
  const last = passage.end + text.slice(passage.end, to).trimEnd().length;
  const starts = [first, ...breaks.map(({ next }) => next)].filter((at) => at < passage.start).reverse();
  const ends = [...breaks.map(({ end }) => end), last].filter((at) => at > passage.end);
  let { start, end } = passage;
  const fits = (a: number, b: number) => tokenizer.count(text.slice(a, b)) <= tokens;
  for (let left = starts.shift(), right = ends.shift(); left !== undefined || right !== undefined; ) {
    if (left !== undefined) {
      if (fits(left, end)) start = left;
      else starts.length = 0;
      left = starts.shift();
    }
    if (right !== undefined) {
      if (fits(start, right)) end = right;
      else ends.length = 0;
      right = ends.shift();
    }
  }
  return { ...passage, start, end, text: text.slice(start, end) };
}
