import { isRunning, type Turn } from './turn.ts';

/** A conversation as the browser keeps it. */
export interface Conversation {
  readonly id: string;
  readonly turns: readonly Turn[];
}

const KEY = 'resift.conversations';
const MOST = 20;

/** The latest first. What cannot be read is treated as none. */
export function readConversations(storage: Pick<Storage, 'getItem'> = localStorage): Conversation[] {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? '[]') as unknown;
    return Array.isArray(kept) ? kept.filter(isConversation) : [];
  } catch {
    return [];
  }
}

/** Keeps the latest; where the browser has no more room, fewer of them. */
export function keepConversations(conversations: readonly Conversation[], storage: Pick<Storage, 'setItem'> = localStorage): void {
  let kept = conversations.filter(({ turns }) => turns.length > 0).slice(0, MOST);
  for (;;) {
    try {
      storage.setItem(KEY, JSON.stringify(kept.map(({ id, turns }) => ({ id, turns: turns.map(ended) }))));
      return;
    } catch {
      if (kept.length === 0) return;
      kept = kept.slice(0, Math.floor(kept.length / 2));
    }
  }
}

/** An answer that was still coming when the page closed will not go on. */
const ended = (turn: Turn): Turn => (isRunning(turn) ? { ...turn, status: 'stopped' } : turn);

function isConversation(value: unknown): value is Conversation {
  const { id, turns } = (value ?? {}) as Partial<Conversation>;
  return (
    typeof id === 'string' &&
    Array.isArray(turns) &&
    turns.every(
      ({ question, answer, sources, citations }: Turn) =>
        typeof question === 'string' && typeof answer === 'string' && Array.isArray(sources) && Array.isArray(citations),
    )
  );
}
