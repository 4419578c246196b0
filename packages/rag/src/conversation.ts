import { type ChatMessage, ResiftError, type Tokenizer } from '@resift/core';

/** Refuses a conversation that cannot be answered, naming the field. */
export function checkConversation(messages: readonly ChatMessage[]): void {
  const refuse = (field: string, sentence: string) => {
    throw new ResiftError('invalid_input', sentence, { details: { field } });
  };
  if (!Array.isArray(messages) || messages.length === 0) refuse('messages', 'Expected `messages` to hold at least one message, got none.');
  for (const [i, message] of messages.entries()) {
    if (!['system', 'user', 'assistant'].includes(message?.role)) {
      refuse(`messages[${i}].role`, `Expected messages[${i}].role to be system, user or assistant, got ${String(message?.role)}.`);
    }
    if (typeof message.content !== 'string') {
      refuse(`messages[${i}].content`, `Expected messages[${i}].content to be a string, got ${typeof message.content}.`);
    }
  }
  const last = messages.length - 1;
  if (messages[last]!.role !== 'user') refuse(`messages[${last}].role`, "Expected the last message to be the user's.");
  if (messages[last]!.content.trim() === '') refuse(`messages[${last}].content`, 'The question is empty: expected some text.');
}

/**
 * The newest turns before the last message that fit the budget, whole, oldest first; system messages are always kept while they
 * fit, before turns. What the client sent as the assistant's words is history like the rest: nothing is remembered elsewhere.
 */
export function recentTurns(messages: readonly ChatMessage[], tokenizer: Tokenizer, tokens: number): ChatMessage[] {
  let left = tokens;
  const kept = new Set<ChatMessage>();
  const earlier = messages.slice(0, -1).filter(({ content }) => content.trim() !== '');
  const take = (message: ChatMessage) => {
    const cost = tokenizer.count(message.content) + 4; // the turn's own marks
    if (cost > left) return false;
    left -= cost;
    kept.add(message);
    return true;
  };
  for (const message of earlier.filter(({ role }) => role === 'system')) take(message);
  // Stops at the first that does not fit: a gap in a conversation misleads more than its missing beginning.
  for (const message of earlier.filter(({ role }) => role !== 'system').toReversed()) if (!take(message)) break;
  return earlier.filter((message) => kept.has(message));
}
