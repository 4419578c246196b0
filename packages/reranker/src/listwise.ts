import { addUsage, type ChatModel, noUsage, ordinalScores, type Reranker, ResiftError, type Tokenizer, type Usage } from '@resift/core';
import { ask, promptTokens } from './internal/ask.ts';
import { derive } from './internal/derive.ts';
import { listwisePrompts } from './internal/listwise-messages.ts';
import { windowPlan, windowsWithin } from './internal/window-plan.ts';
import { type PermutationVerdict, parsePermutation } from './permutation.ts';
import { rankGpt } from './prompts/listwise-prompts.ts';
import type { Prompt } from './prompts/prompt.ts';

export interface ListwiseOptions {
  /** Passages shown at once. Default 20. */
  readonly window?: number | undefined;
  /** How far the window moves up between calls. Default 10. */
  readonly stride?: number | undefined;
  /** How many of the first places must be reliable: one pass carries `window - stride` passages to the top, so more need more passes. Default 10; `all` sorts everything. */
  readonly top?: number | 'all' | undefined;
  /** Default `rankGpt` (multi-turn); `rankZephyr` is single-turn. */
  readonly prompt?: Prompt | undefined;
  /** Most words of a passage that are shown; fewer where a window would not fit the model. Default 300. */
  readonly passageWords?: number | undefined;
  /** Counts the prompt's tokens. Default: a third of its bytes. */
  readonly tokenizer?: Pick<Tokenizer, 'count'> | undefined;
  /** Told after each call of `rerank` how well the model kept to the format. */
  readonly onAudit?: ((audit: ListwiseAudit) => void) | undefined;
}

/** Answers by verdict, and how many of them had to be repaired. */
export interface ListwiseAudit extends Readonly<Record<PermutationVerdict, number>> {
  readonly calls: number;
  readonly repaired: number;
}

/**
 * Asks a chat model to order the passages, in windows that slide from the bottom up (RankGPT, Sun et al. 2023). Where an answer had to be repaired the status is
 * `partial` with reason `bad_response`; where no answer could be used at all it rejects with `bad_output`. One document needs no call.
 */
export function listwise(chat: ChatModel, options: ListwiseOptions = {}): Reranker<'ordinal'> {
  const { window = 20, stride = 10, top = 10, prompt = rankGpt, passageWords = 300, tokenizer, onAudit } = options;
  if (!(Number.isInteger(window) && Number.isInteger(stride) && stride >= 1 && window > stride)) {
    throw new ResiftError('invalid_config', `Expected whole numbers 1 <= stride < window, got stride ${stride} and window ${window}.`);
  }
  const id = `listwise(${chat.id}, ${prompt.id})`;

  return derive({
    id,
    scale: 'ordinal',
    async score(query, texts, { signal, tokenBudget }) {
      const audit = { calls: 0, repaired: 0, ok: 0, repetition: 0, missing: 0, 'wrong format': 0 };
      const prompts = listwisePrompts(chat, prompt, query, texts, { window, passageWords, tokenizer });
      const reached = windowsWithin(texts.length, { window, stride, top }, tokenBudget, prompts.tokens);
      const order = [...Array(reached).keys()];
      let usage: Usage = addUsage(noUsage, { truncated: prompts.truncated });

      for (const start of windowPlan(reached, { window, stride, top })) {
        const shown = order.slice(start, start + window);
        const messages = prompts.messages(shown);
        // The plan estimates; what was really spent decides.
        if (tokenBudget !== undefined && usage.inputTokens + promptTokens(messages, tokenizer) > tokenBudget) break;
        const { answer, usage: spent } = await ask(chat, messages, { signal }, tokenizer);
        signal?.throwIfAborted();
        const permutation = parsePermutation(answer, shown.length);
        audit.calls += 1;
        audit[permutation.verdict] += 1;
        if (permutation.repaired) audit.repaired += 1;
        order.splice(start, shown.length, ...permutation.order.map((place) => shown[place]!));
        usage = addUsage(usage, spent);
      }

      onAudit?.(audit);
      if (audit.calls > 0 && audit['wrong format'] === audit.calls) {
        throw new ResiftError('bad_output', `${id} answered ${audit.calls} times and never with an order of the passages.`, {
          details: { reason: 'bad_response', ...audit },
        });
      }
      const status = audit.repaired > 0 ? ({ status: 'partial', reason: 'bad_response' } as const) : undefined;
      return { values: ordinalScores(order, texts.length), usage, status };
    },
  });
}
