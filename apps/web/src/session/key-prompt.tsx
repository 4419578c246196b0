import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { KEY_WANTED, keepKey, readKey } from './api.ts';

/** Asks for a key when the server wants one; it is kept for this browser session only. */
export function KeyPrompt({ onKey }: { onKey: () => void }): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [refused, setRefused] = useState(false);

  useEffect(() => {
    const ask = () => {
      setRefused(readKey() !== null);
      if (!dialog.current?.open) dialog.current?.showModal();
    };
    window.addEventListener(KEY_WANTED, ask);
    return () => window.removeEventListener(KEY_WANTED, ask);
  }, []);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get('key') ?? '').trim();
    if (key === '') return;
    keepKey(key);
    event.currentTarget.reset();
    dialog.current?.close();
    onKey();
  };

  return (
    <dialog ref={dialog} className="small" aria-labelledby="key-title">
      <form onSubmit={submit} className="stack">
        <h2 id="key-title">This server wants a key</h2>
        <p>It stays in this tab and is forgotten when you close it.</p>
        {refused && <p role="alert">The server did not accept that key.</p>}
        <label className="field">
          Key
          <input name="key" type="password" autoComplete="off" required />
        </label>
        <button type="submit" className="primary">
          Use this key
        </button>
      </form>
    </dialog>
  );
}
