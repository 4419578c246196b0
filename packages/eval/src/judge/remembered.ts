import { createHash } from 'node:crypto';
import { addUsage, noUsage } from '@resift/core';
import type { Judge, Verdict } from './judge.ts';

/** A judge that decides the same context and claim only once in its life: several metrics ask the same. Failures are not remembered. */
export function remembered(judge: Judge): Judge {
  const known = new Map<string, Promise<Verdict>>();
  return {
    id: judge.id,
    async judge(context, claims, options) {
      const contextKey = createHash('sha256').update(context).digest('base64url');
      let usage = noUsage;
      const verdicts = claims.map((claim) => {
        const key = `${contextKey} ${claim}`;
        const before = known.get(key);
        if (before) return before;
        const verdict = judge.judge(context, [claim], options).then((answer) => {
          usage = addUsage(usage, answer.usage);
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
