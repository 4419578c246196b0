import { useCallback, useEffect, useRef, useState } from 'react';
import { sentence } from '../session/api.ts';
import { type Conversation, keepConversations, readConversations } from './conversations.ts';
import { streamChat } from './stream-chat.ts';
import { after, isRunning, messagesOf, newTurn, type Turn } from './turn.ts';

const fresh = (): Conversation => ({ id: String(Date.now()), turns: [] });

export interface Conversations {
  readonly turns: readonly Turn[];
  readonly running: boolean;
  /** Earlier conversations, the latest first. */
  readonly earlier: readonly Conversation[];
  ask(question: string, collection: string): void;
  /** Asks the last question again, in place of its answer. */
  retry(): void;
  stop(): void;
  startNew(): void;
  open(id: string): void;
  clear(): void;
}

/** The conversation on the screen and those before it, all kept in this browser. */
export function useConversations(): Conversations {
  const [all, setAll] = useState<readonly Conversation[]>(() => [fresh(), ...readConversations()]);
  const [openId, setOpenId] = useState(() => all[1]?.id ?? all[0]!.id);
  const abort = useRef<AbortController>(undefined);
  const current = all.find(({ id }) => id === openId) ?? all[0]!;
  const running = current.turns.some(isRunning);

  useEffect(() => {
    // While words arrive, the storage would be written many times a second.
    if (!running) keepConversations(all);
  }, [all, running]);
  useEffect(() => () => abort.current?.abort(), []);

  const change = useCallback((id: string, turnId: string, step: (turn: Turn) => Turn) => {
    setAll((before) =>
      before.map((conversation) =>
        conversation.id === id
          ? { ...conversation, turns: conversation.turns.map((turn) => (turn.id === turnId ? step(turn) : turn)) }
          : conversation,
      ),
    );
  }, []);

  async function run(turn: Turn, earlier: readonly Turn[]) {
    const { id } = current;
    abort.current?.abort();
    const controller = new AbortController();
    abort.current = controller;
    // The conversation in use comes first.
    setAll((before) => [{ id, turns: [...earlier, turn] }, ...before.filter((conversation) => conversation.id !== id)]);
    try {
      const question = { messages: messagesOf(earlier, turn.question), collection: turn.collection };
      for await (const event of streamChat(question, controller.signal)) change(id, turn.id, (now) => after(now, event));
    } catch (error) {
      const end: Pick<Turn, 'status' | 'problem'> = controller.signal.aborted
        ? { status: 'stopped' }
        : { status: 'failed', problem: sentence(error) };
      change(id, turn.id, (now) => ({ ...now, ...end }));
    }
  }

  return {
    turns: current.turns,
    running,
    earlier: all.filter(({ id, turns }) => id !== current.id && turns.length > 0),
    ask: (question, collection) => void run(newTurn(question, collection), current.turns),
    retry() {
      const last = current.turns.at(-1);
      if (last) void run(newTurn(last.question, last.collection), current.turns.slice(0, -1));
    },
    stop: () => abort.current?.abort(),
    startNew() {
      abort.current?.abort();
      const conversation = fresh();
      setAll((before) => [conversation, ...before.filter(({ turns }) => turns.length > 0)]);
      setOpenId(conversation.id);
    },
    open(id) {
      abort.current?.abort();
      setOpenId(id);
    },
    clear() {
      abort.current?.abort();
      const conversation = fresh();
      setAll([conversation]);
      setOpenId(conversation.id);
    },
  };
}
