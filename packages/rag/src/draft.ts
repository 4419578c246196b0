import { addUsage, noUsage, type Usage, untilAborted } from '@resift/core';
import { outputFilter } from './filter.ts';
import type { Citation, GenerateInput, Generator } from './generator.ts';
import type { Blocked } from './safe-links.ts';
import { isRealCitation } from './verify-citation.ts';

/** A generated answer after the filter and the check of its citations. */
export interface Draft {
  readonly answer: string;
  readonly citations: readonly Citation[];
  readonly abstained: boolean;
  /** Citations that were removed because they named no source or quoted what is not there. */
  readonly rejectedCitations: number;
  readonly blocked: Readonly<Blocked>;
  readonly usage: Usage;
}

export type DraftEvent =
  | { readonly type: 'delta'; readonly text: string }
  /** Comes after all the text that it covers. */
  | { readonly type: 'citation'; readonly citation: Citation };

/** Runs a generator once. Everything it says passes the output filter; every citation is checked and moved to where its words ended up. */
export async function* draft(generator: Generator, input: GenerateInput, hosts: readonly string[] = []): AsyncGenerator<DraftEvent, Draft> {
  const filter = outputFilter({
    verbatim: input.sources.flatMap(({ passage }) => [passage.text, passage.title ?? '', passage.url ?? '']),
    hosts,
  });
  const waiting: Citation[] = [];
  const citations: Citation[] = [];
  let answer = '';
  let abstained = false;
  let rejectedCitations = 0;
  let usage = noUsage;

  function* settle(text: string, ended = false): Iterable<DraftEvent> {
    answer += text;
    if (text !== '') yield { type: 'delta', text };
    for (const raw of waiting.splice(0)) {
      if (!ended && !filter.settled(raw.end)) {
        waiting.push(raw);
        continue;
      }
      const citation = { ...raw, start: filter.toOutput(raw.start, 'start'), end: filter.toOutput(raw.end, 'end') };
      if (!(citation.start < citation.end && citation.end <= answer.length) || !isRealCitation(citation, input.sources)) {
        rejectedCitations += 1;
        continue;
      }
      citations.push(citation);
      yield { type: 'citation', citation };
    }
  }

  const { signal } = input;
  const parts = generator.generate(input)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await untilAborted(parts.next(), signal);
      if (next.done) break;
      const { text, citation, usage: spent } = next.value;
      if (citation) waiting.push(citation);
      abstained ||= next.value.abstained ?? false;
      rejectedCitations += next.value.forgedCitations ?? 0;
      usage = addUsage(usage, spent ?? {});
      if (text || citation) yield* settle(filter.push(text ?? ''));
    }
    yield* settle(filter.end(), true);
  } finally {
    // Not awaited: a generator that hangs would never answer.
    parts.return?.(undefined)?.catch(() => {});
  }
  return { answer, citations, abstained, rejectedCitations, blocked: filter.blocked, usage };
}
