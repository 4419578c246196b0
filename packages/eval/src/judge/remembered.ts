import { createHash } from 'node:crypto';
import { addUsage, noUsage } from '@resift/core';
import type { Judge, Verdict } from './judge.ts';

/** Where verdicts outlive the process; a `Journal` is one. Give every model its own: a key holds the judge's id and the texts, nothing else. */
export interface KeptVerdicts {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/**
 * A judge that decides the same context and claim only once in its life: several metrics and systems ask the same. With `kept`, once in
 * all lives. For judges whose verdict on a claim does not depend on the claims beside it. Failures are not remembered.
 */
export function remembered(judge: Judge, kept?: KeptVerdicts): Judge {
  const known = new Map<string, Promise<Verdict>>();
  return {
    id: judge.id,
    async judge(context, claims, options) {
      let usage = noUsage;
      const verdicts = claims.map((claim) => {
        const key = createHash('sha256')
          .update(JSON.stringify(['verdict', judge.id, context, claim]))
          .digest('base64url');
        const before = known.get(key);
        if (before) return before;
        const stored = kept?.get(key) as Verdict | undefined;
        if (stored) return Promise.resolve(stored);
        const verdict = judge.judge(context, [claim], options).then((answer) => {
          usage = addUsage(usage, answer.usage);
          kept?.set(key, answer.verdicts[0]!);
          return answer.verdicts[0]!;
        });
        verdict.catch(() => known.delete(key));
        known.set(key, verdict);
        return verdict;
      });
      return { verdicts: await Promise.all(verdicts), usage };
    },
  };
}
