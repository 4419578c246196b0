import { noUsage } from '@resift/core';
import type { Judge } from './judge.ts';

export interface LexicalJudgeOptions {
  /** Share of a claim's content words that must stand in the context. Default 0.75. */
  readonly threshold?: number | undefined;
}

const WORD = /[\p{L}\p{N}]+/gu;
const STOP: ReadonlySet<string> = new Set(
  'a an and are as at be been but by did do does for from had has have he her his how i if in into is it its of on or she that the their there they this to was we were what when where which who whom whose why will with would you'.split(
    ' ',
  ),
);

/**
 * The baseline that a real judge must beat: the share of the claim's content words that the context holds; a number of the claim
 * that the context lacks makes it unsupported. It sees no negation and no swapped roles.
 */
export function lexicalJudge({ threshold = 0.75 }: LexicalJudgeOptions = {}): Judge {
  return {
    id: `lexical(${threshold})`,
    async judge(context, claims, { signal } = {}) {
      signal?.throwIfAborted();
      const held = new Set(contentWords(context));
      const verdicts = claims.map((claim) => {
        const words = [...new Set(contentWords(claim))];
        const found = words.filter((word) => held.has(word));
        const share = words.length === 0 ? 0 : found.length / words.length;
        const lacksNumber = words.some((word) => /^\p{N}+$/u.test(word) && !held.has(word));
        const score = lacksNumber ? share * threshold * 0.99 : share;
        return { supported: score >= threshold, score };
      });
      return { verdicts, usage: noUsage };
    },
  };
}

function contentWords(text: string): string[] {
  return (text.toLowerCase().match(WORD) ?? []).filter((word) => !STOP.has(word)).map(stem);
}

/** Plural and -ed/-ing endings only: enough for overlap, too little to confuse words. */
function stem(word: string): string {
  return word.length > 4 ? word.replace(/(?:ies|es|s|ed|ing)$/, '') : word;
}
