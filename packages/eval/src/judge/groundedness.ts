import { addUsage, type GroundednessModel, noUsage, ResiftError } from '@resift/core';
import type { Judge } from './judge.ts';

export interface GroundednessJudgeOptions {
  /** Probability from which a claim counts as supported. Default: the model's own. */
  readonly threshold?: number | undefined;
}

/** The embedded groundedness model as a judge: no key, no network, the same verdict every time. */
export function groundednessJudge(model: GroundednessModel, { threshold = model.threshold }: GroundednessJudgeOptions = {}): Judge {
  return {
    id: `groundedness(${model.id},${threshold})`,
    async judge(context, claims, options = {}) {
      if (claims.length === 0) return { verdicts: [], usage: noUsage };
      const { probabilities, usage } = await model.check(context, claims, options);
      const broken = probabilities.find((p) => !(p >= 0 && p <= 1));
      if (probabilities.length !== claims.length || broken !== undefined) {
        throw new ResiftError(
          'bad_output',
          `${model.id} gave ${probabilities.length} probabilities for ${claims.length} claims, or one outside [0, 1].`,
        );
      }
      return { verdicts: probabilities.map((score) => ({ supported: score >= threshold, score })), usage: addUsage(noUsage, usage) };
    },
  };
}
