import { type ReactNode, useState } from 'react';
import { type Ranked, SNIPPETS, type SnippetName, snippet } from './snippets.ts';

/** The same ranking as code, to be copied. */
export function SnippetPanel({ ranked }: { ranked: Ranked }): ReactNode {
  const [name, setName] = useState<SnippetName>('curl');
  const [copied, setCopied] = useState('');
  const code = snippet(name, ranked, window.location.origin);

  async function copy() {
    try {
      await navigator.clipboard.writeText(code);
      setCopied('Copied.');
    } catch {
      // Over plain HTTP to another machine the browser has no clipboard for a page.
      setCopied('The browser did not allow it: select the text and copy it.');
    }
  }

  return (
    <section className="panel" aria-label="As code">
      <h2>As code</h2>
      <div className="bar">
        {SNIPPETS.map((option) => (
          <button
            key={option}
            type="button"
            aria-pressed={option === name}
            onClick={() => {
              setName(option);
              setCopied('');
            }}
          >
            {option}
          </button>
        ))}
        <button type="button" className="primary" onClick={() => void copy()}>
          Copy
        </button>
        <span role="status">{copied}</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre tabIndex={0}>{code}</pre>
    </section>
  );
}
