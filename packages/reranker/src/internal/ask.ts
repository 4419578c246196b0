import { type CallOptions, type ChatMessage, type ChatModel, complete, type Tokenizer, type Usage } from '@resift/core';

/** A third of the bytes: more than most tokenizers make of English, about right for Chinese. Used where no tokenizer is given. */
const estimate: Pick<Tokenizer, 'count'> = { count: (text) => Math.ceil(Buffer.byteLength(text) / 3) };

/** Tokens of a prompt, with a few for each message's frame. */
export function promptTokens(messages: readonly ChatMessage[], tokenizer: Pick<Tokenizer, 'count'> = estimate): number {
  return messages.reduce((sum, { content }) => sum + tokenizer.count(content) + 5, 3);
}

/** Asks once. A block of reasoning up to `</think>` is no part of the answer; tokens are estimated where the model does not report them. */
export async function ask(
  chat: ChatModel,
  messages: readonly ChatMessage[],
  { signal }: CallOptions,
  tokenizer?: Pick<Tokenizer, 'count'>,
): Promise<{ answer: string; usage: Partial<Usage> }> {
  const { text, usage } = await complete(chat, messages, { signal });
  const inputTokens = usage.inputTokens ?? promptTokens(messages, tokenizer);
  return {
    answer: afterReasoning(text).trim(),
    usage: { calls: 1, ...usage, inputTokens },
  };
}

/** What follows the last `</think>`, or everything where there is none. */
export function afterReasoning(text: string): string {
  const end = text.lastIndexOf('</think>');
  return end === -1 ? text : text.slice(end + '</think>'.length);
}

/** Runs `work` for every item, at most `concurrency` at once, results in order. The first failure stops the rest from starting. */
export async function forEachOf<T, R>(
  items: readonly T[],
  concurrency: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;
  const lane = async () => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        results[index] = await work(items[index]!, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane));
  return results;
}

/** How many candidates, from the front, a budget reaches, where `cost` never falls with their number. 0 where it does not even reach two. */
export function reachable(length: number, budget: number | undefined, cost: (candidates: number) => number): number {
  if (budget === undefined) return length;
  let reached = length;
  while (reached > 1 && cost(reached) > budget) reached -= 1;
  return reached > 1 || (length === 1 && budget > 0) ? reached : 0;
}
