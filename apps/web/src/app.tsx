import { type ComponentType, type ReactNode, useEffect, useRef, useState } from 'react';
import { AskPage } from './ask/ask-page.tsx';
import { ComparePage } from './compare/compare-page.tsx';
import { DocumentsPage } from './documents/documents-page.tsx';
import { LiftPage } from './lift/lift-page.tsx';
import { PlaygroundPage } from './playground/playground-page.tsx';
import { CollectionSelect } from './session/collection-select.tsx';
import { KeyPrompt } from './session/key-prompt.tsx';
import { SessionProvider, useSession } from './session/session.tsx';
import { addressOf, PAGES, type PageName, usePage } from './use-page.ts';

const CONTENT: Readonly<Record<PageName, ComponentType>> = {
  Ask: AskPage,
  Compare: ComparePage,
  Documents: DocumentsPage,
  Lift: LiftPage,
  Playground: PlaygroundPage,
};

export function App(): ReactNode {
  // A new key is a new tenant: everything is read again.
  const [keys, setKeys] = useState(0);
  return (
    <>
      <SessionProvider key={keys}>
        <Shell />
      </SessionProvider>
      <KeyPrompt onKey={() => setKeys((count) => count + 1)} />
    </>
  );
}

function Shell(): ReactNode {
  const page = usePage();
  const { loaded, problem, reload } = useSession();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const Content = CONTENT[page];

  useEffect(() => {
    document.title = `${page} · resift`;
    // A page change is told to a screen reader by the focus; the first page leaves it where the browser put it.
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [page]);

  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <header className="top">
        <a className="brand" href="#/ask" aria-label="resift, start page">
          <img src="/favicon.svg" alt="" width="24" height="24" />
          resift
        </a>
        <nav aria-label="Pages">
          {PAGES.map((name) => (
            <a key={name} href={addressOf(name)} aria-current={name === page ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <CollectionSelect />
      </header>
      <main ref={main} tabIndex={-1} aria-label={page}>
        {problem && (
          <p className="alert" role="alert">
            {problem}{' '}
            <button type="button" onClick={() => void reload()}>
              Try again
            </button>
          </p>
        )}
        {loaded ? <Content /> : <h1>{page}</h1>}
      </main>
    </>
  );
}
