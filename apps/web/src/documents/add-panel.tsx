import { type DragEvent, type FormEvent, type ReactNode, useRef, useState } from 'react';
import { useSession } from '../session/session.tsx';

const ACCEPTED = '.txt,.md,.html,.htm,.pdf,.docx,.csv,.json,.jsonl';

interface AddPanelProps {
  readonly onFiles: (files: readonly File[], collection: string) => void;
  readonly onText: (text: { title: string; text: string }, collection: string) => void;
}

/** Files or text into a collection, an existing one or a new one. */
export function AddPanel({ onFiles, onText }: AddPanelProps): ReactNode {
  const { collection, collections } = useSession();
  const [into, setInto] = useState<string>();
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const target = (into ?? collection).trim() || collection;

  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles([...event.dataTransfer.files], target);
  };
  const paste = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = String(form.get('text') ?? '');
    if (text.trim() === '') return;
    onText({ title: String(form.get('title') ?? '').trim(), text }, target);
    event.currentTarget.reset();
  };

  return (
    <section className="panel stack" aria-label="Add documents">
      <label className="field short">
        Into the collection
        <input list="collections" value={into ?? collection} maxLength={64} onChange={(event) => setInto(event.target.value)} />
        <datalist id="collections">
          {collections.map(({ name }) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </label>
      <div className="two">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way; the button inside does the same */}
        <div
          className={over ? 'drop over' : 'drop'}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <p>Drop files here</p>
          <button type="button" onClick={() => files.current?.click()}>
            Choose files
          </button>
          <p className="faint">txt, md, html, pdf, docx, csv, json, jsonl</p>
          <input
            ref={files}
            type="file"
            multiple
            accept={ACCEPTED}
            hidden
            aria-label="Files"
            onChange={(event) => {
              onFiles([...(event.target.files ?? [])], target);
              event.target.value = '';
            }}
          />
        </div>
        <form className="stack" onSubmit={paste}>
          <label className="field">
            Title
            <input name="title" maxLength={2000} />
          </label>
          <label className="field">
            Text
            <textarea name="text" rows={4} required />
          </label>
          <button type="submit" className="primary">
            Add text
          </button>
        </form>
      </div>
    </section>
  );
}
