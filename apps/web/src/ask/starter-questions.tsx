import type { ReactNode } from 'react';
import { useSession } from '../session/session.tsx';

/** Questions about the texts of the demo collection. */
export const DEMO_QUESTIONS: readonly string[] = [
  'What film did Jim Carrey star in where he goes on a trip to Aspen with his friend?',
  'How long do I have to get my money back?',
  'How long is the warranty on a device bought and registered in 2025?',
  'Who stayed in orbit while Armstrong and Aldrin walked on the Moon?',
  'How many people work in the support team of Wexley Home?',
];

export function StarterQuestions({ collection, onAsk }: { collection: string; onAsk: (question: string) => void }): ReactNode {
  const { collections } = useSession();
  const empty = !collections.some(({ name, documents }) => name === collection && documents > 0);
  return (
    <section className="starters" aria-label="To begin">
      <p className="lead">Ask your documents. Every answer shows the words it stands on.</p>
      {empty && (
        <p>
          The collection <b>{collection}</b> is empty. <a href="#/documents">Add documents</a> first.
        </p>
      )}
      {collection === 'demo' && !empty && (
        <ul>
          {DEMO_QUESTIONS.map((question) => (
            <li key={question}>
              <button type="button" onClick={() => onAsk(question)}>
                {question}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
