import type { Citation, Groundedness, Passage, RerankInfo } from '../session/api-shapes.ts';
import type { ChatEvent } from './stream-chat.ts';

/** One question and what has come of it so far. */
export interface Turn {
  readonly id: string;
  readonly collection: string;
  readonly question: string;
  readonly status: 'searching' | 'answering' | 'done' | 'stopped' | 'failed';
  readonly answer: string;
  readonly sources: readonly Passage[];
  readonly citations: readonly Citation[];
  readonly abstained?: boolean;
  readonly groundedness?: Groundedness;
  readonly rerank?: RerankInfo;
  /** What the server calls this answer; feedback names it. */
  readonly request?: string;
  readonly totalMs?: number;
  readonly problem?: string;
}

export const newTurn = (question: string, collection: string): Turn => ({
  id: crypto.randomUUID?.() ?? String(Math.random()),
  collection,
  question,
  status: 'searching',
  answer: '',
  sources: [],
  citations: [],
});

export const isRunning = ({ status }: Turn): boolean => status === 'searching' || status === 'answering';

/** The turn after one more event. */
export function after(turn: Turn, event: ChatEvent): Turn {
  if (event.event === 'meta') {
    return { ...turn, status: 'answering', request: event.id, sources: event.sources, rerank: event.rerank };
  }
  if (event.event === 'delta') return { ...turn, answer: turn.answer + event.text };
  if (event.event === 'citation') return { ...turn, citations: [...turn.citations, event] };
  const { answer, citations, abstained, groundedness, timings } = event;
  return {
    ...turn,
    status: 'done',
    answer,
    citations,
    abstained,
    ...(groundedness && { groundedness }),
    ...(timings['totalMs'] !== undefined && { totalMs: timings['totalMs'] }),
  };
}

/** What the server is told of the conversation: it keeps none itself. Turns without an answer are left out. */
export function messagesOf(earlier: readonly Turn[], question: string, most = 6): { role: 'user' | 'assistant'; content: string }[] {
  const answered = earlier.filter(({ status, answer }) => status === 'done' && answer !== '').slice(-most);
  return [
    ...answered.flatMap((turn) => [
      { role: 'user' as const, content: turn.question },
      { role: 'assistant' as const, content: turn.answer },
    ]),
    { role: 'user', content: question },
  ];
}
