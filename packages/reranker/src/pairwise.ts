import { type ChatModel, createReranker, ordinalScores, type Reranker, ResiftError, type Tokenizer } from '@resift/core';
import { forEachOf, reachable } from './internal/ask.ts';
import { chooser } from './internal/choose.ts';
import { readable } from './internal/readable.ts';
import { bubbleTop, heapTop } from './internal/top-sort.ts';
import { pairPrompt } from './prompts/choice-prompts.ts';
import type { Prompt } from './prompts/prompt.ts';

export interface PairwiseOptions {
  /**
   * `all-pairs` compares each with each and counts the wins: best quality, n² calls. `heapsort` (default): n log n calls. `bubble`: `top` passes of n calls.
   * The last two order only the first `top` places; the rest stays as it was.
   */
  readonly method?: 'all-pairs' | 'heapsort' | 'bubble' | undefined;
  /** Default 10. */
  readonly top?: number | undefined;
  /** Ask each pair in both orders and call it a tie where the answers disagree, since models favour a position. Default true; false halves the calls. */
  readonly bothOrders?: boolean | undefined;
  /** Calls at once, with `all-pairs`. Default 8. */
  readonly concurrency?: number | undefined;
  /** Most words of a passage that are shown. Default 300. */
  readonly passageWords?: number | undefined;
  readonly prompt?: Prompt | undefined;
  readonly tokenizer?: Pick<Tokenizer, 'count'> | undefined;
}

/** Asks a chat model which of two passages is more relevant (PRP, Qin et al. 2023). Rejects with `bad_output` where most answers name neither. */
export function pairwise(chat: ChatModel, options: PairwiseOptions = {}): Reranker<'ordinal'> {
  const { method = 'heapsort', top = 10, bothOrders = true, concurrency = 8, passageWords = 300, prompt = pairPrompt, tokenizer } = options;
  if (!Number.isInteger(top) || top < 1)
    throw new ResiftError('invalid_config', `Expected \`top\` to be a whole number of 1 or more, got ${top}.`);
  const id = `pairwise(${chat.id}, ${method})`;

  return createReranker({
    id,
    scale: 'ordinal',
    async score(query, texts, rerankOptions) {
      const choose = chooser(chat, query, texts, rerankOptions, { prompt, passageWords, tokenizer });
      const calls = bothOrders ? 2 : 1;
      const reached = reachable(texts.length, rerankOptions.tokenBudget, (n) => comparisons(method, n, top) * calls * choose.cost(2));

      /** Above 0 where `a` is better, below where `b` is, 0 where the model cannot tell. */
      const compare = async (a: number, b: number) => {
        const first = await choose.best([a, b]);
        const second = bothOrders ? await choose.best([b, a]) : undefined;
        return (first === undefined ? 0 : first === 0 ? 1 : -1) + (second === undefined ? 0 : second === 1 ? 1 : -1);
      };
      const positions = [...Array(reached).keys()];
      const order =
        method === 'all-pairs'
          ? await byWins(positions, concurrency, compare)
          : await (method === 'bubble' ? bubbleTop : heapTop)(positions, top, compare);
      readable(id, choose);
      return { values: ordinalScores(order, texts.length), usage: choose.usage() };
    },
  });
}

type Compare = (a: number, b: number) => Promise<number>;

async function byWins(positions: readonly number[], concurrency: number, compare: Compare): Promise<number[]> {
  const wins = new Map(positions.map((position) => [position, 0]));
  const pairs = positions.flatMap((a, i) => positions.slice(i + 1).map((b) => [a, b] as const));
  await forEachOf(pairs, concurrency, async ([a, b]) => {
    const sign = Math.sign(await compare(a, b));
    wins.set(a, wins.get(a)! + sign);
    wins.set(b, wins.get(b)! - sign);
  });
  return [...positions].sort((a, b) => wins.get(b)! - wins.get(a)!); // stable: equals stay in first-stage order
}

function comparisons(method: PairwiseOptions['method'], n: number, top: number): number {
  if (method === 'all-pairs') return (n * (n - 1)) / 2;
  if (method === 'bubble') return Math.min(top, n) * n;
  return 2 * n + 2 * Math.min(top, n) * Math.ceil(Math.log2(n + 1));
}
