import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ApiFailure, get, sentence } from '../session/api.ts';
import type { Citation, Passage } from '../session/api-shapes.ts';

/** What to open: a source, and where a citation led here, its quoted words. */
export interface Opened {
  readonly source: Passage;
  readonly collection: string;
  readonly citation?: Citation;
}

interface Shown {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly note?: string;
}

/** A document with the quoted words, or the found passage, marked and in view. Always text, never markup. */
export function SourceDialog({ opened, onClose }: { opened: Opened; onClose: () => void }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const mark = useRef<HTMLElement>(null);
  const [shown, setShown] = useState<Shown>();
  const { source, collection, citation } = opened;

  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
    const abort = new AbortController();
    const address = `/v1/documents/${encodeURIComponent(source.document_id)}?collection=${encodeURIComponent(collection)}`;
    get<{ text: string }>(address, abort.signal).then(
      ({ text }) => setShown(marked(text, source, citation)),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const gone = error instanceof ApiFailure && error.status === 404;
        const note = gone ? 'This document has been deleted since; this is the passage that was found.' : sentence(error);
        setShown({ text: source.text, start: 0, end: 0, note });
      },
    );
    return () => abort.abort();
  }, [source, collection, citation]);
  useEffect(() => {
    if (shown) mark.current?.scrollIntoView({ block: 'center' });
  }, [shown]);

  return (
    <dialog ref={dialog} className="source" aria-labelledby="source-title" onClose={onClose}>
      <header>
        <h2 id="source-title">{source.title ?? source.document_id}</h2>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <p className="faint">{factsOf(source)}</p>
      {shown?.note && <p role="status">{shown.note}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className="document" tabIndex={0} aria-label="Document text">
        {shown ? (
          <>
            {shown.text.slice(0, shown.start)}
            <mark ref={mark}>{shown.text.slice(shown.start, shown.end)}</mark>
            {shown.text.slice(shown.end)}
          </>
        ) : (
          'Opening …'
        )}
      </section>
    </dialog>
  );
}

/** The citation's offsets where the text still has the quote there; otherwise where it is found now. */
export function marked(text: string, source: Pick<Passage, 'text'>, citation: Citation | undefined): Shown {
  if (citation) {
    const { quote, quote_start: start, quote_end: end } = citation;
    if (text.slice(start, end) === quote) return { text, start, end };
    const at = text.indexOf(quote);
    if (at >= 0) return { text, start: at, end: at + quote.length };
    return { text, start: 0, end: 0, note: 'The document has changed since; the quoted words are no longer in it.' };
  }
  const at = text.indexOf(source.text);
  return { text, start: Math.max(0, at), end: at < 0 ? 0 : at + source.text.length };
}

/** Rank, score and label in one line. */
export function factsOf({ score, scale, label, first_stage: { rank } }: Passage): string {
  const scored = score === undefined ? 'not scored' : `${scale.replace('_', ' ')} ${score.toFixed(3)}`;
  return [label, scored, `first stage: ${rank}`].filter((fact) => fact !== undefined).join(' · ');
}
