import { type FormEvent, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useSession } from '../session/session.tsx';
import { AskedTurn } from './asked-turn.tsx';
import { type Opened, SourceDialog } from './source-dialog.tsx';
import { StarterQuestions } from './starter-questions.tsx';
import { useConversations } from './use-conversations.ts';

/** A conversation over the chosen collection, with every claim traced to its source. */
export function AskPage(): ReactNode {
  const { collection } = useSession();
  const { turns, running, earlier, ask, retry, stop, startNew, open, clear } = useConversations();
  const [draft, setDraft] = useState('');
  const [opened, setOpened] = useState<Opened>();
  const input = useRef<HTMLTextAreaElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const last = turns.at(-1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn, or its end, comes into view; not every word
  useEffect(() => {
    // Newer browsers return a promise from it, which is no clean-up.
    end.current?.scrollIntoView({ block: 'end' });
  }, [turns.length, last?.status]);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    const question = draft.trim();
    if (question === '' || running) return;
    ask(question, collection);
    setDraft('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && running) stop();
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };

  return (
    <div className="ask">
      <div className="bar">
        <h1>Ask</h1>
        {earlier.length > 0 && (
          <label>
            <span className="hidden">Earlier conversations</span>
            <select value="" onChange={(event) => open(event.target.value)}>
              <option value="" disabled>
                Earlier conversations
              </option>
              {earlier.map(({ id, turns: [first] }) => (
                <option key={id} value={id}>
                  {first!.question.slice(0, 60)}
                </option>
              ))}
            </select>
          </label>
        )}
        {(turns.length > 0 || earlier.length > 0) && (
          <>
            <button type="button" onClick={startNew} disabled={turns.length === 0}>
              New conversation
            </button>
            <button type="button" onClick={clear}>
              Clear history
            </button>
          </>
        )}
      </div>

      {turns.length === 0 && <StarterQuestions collection={collection} onAsk={(question) => ask(question, collection)} />}
      <ol className="turns" aria-label="Conversation">
        {turns.map((turn, index) => (
          <AskedTurn
            key={turn.id}
            turn={turn}
            onOpen={(source, citation) => setOpened({ source, collection: turn.collection, ...(citation && { citation }) })}
            onRetry={index === turns.length - 1 && !running ? retry : undefined}
          />
        ))}
      </ol>
      <div ref={end} className="end" />
      <p className="hidden" role="status" aria-live="polite">
        {announcement(last?.status, last?.answer)}
      </p>

      <form className="composer" onSubmit={submit}>
        <label className="hidden" htmlFor="question">
          Question
        </label>
        <textarea
          id="question"
          ref={input}
          rows={2}
          maxLength={8000}
          placeholder={`Ask the collection ${collection} …`}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {running ? (
          <button type="button" onClick={stop}>
            Stop
          </button>
        ) : (
          <button type="submit" className="primary" disabled={draft.trim() === ''}>
            Ask
          </button>
        )}
      </form>
      {opened && <SourceDialog opened={opened} onClose={() => setOpened(undefined)} />}
    </div>
  );
}

/** One announcement when a turn changes state, and the whole answer at its end: words one by one would be noise. */
function announcement(status: string | undefined, answer = ''): string {
  if (status === 'searching') return 'Searching the documents.';
  if (status === 'answering') return 'Answering.';
  if (status === 'stopped') return 'Stopped.';
  return status === 'done' ? `Answer: ${answer}` : '';
}
