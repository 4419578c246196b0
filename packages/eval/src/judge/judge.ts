import type { Usage } from '@resift/core';

export interface Verdict {
  readonly supported: boolean;
  /** In [0, 1], higher is better supported; a probability only where the judge's model is calibrated. Absent where a judge gives a bare yes or no. */
  readonly score?: number;
  readonly reason?: string;
}

export interface JudgeOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Says for each claim whether a context supports it. `verdicts[i]` belongs to `claims[i]`.
 * A judgement that fails rejects with a `ResiftError`: there is no null and no default verdict.
 */
export interface Judge {
  /** Names what decides: model and prompt version. Results of different ids are not comparable. */
  readonly id: string;
  judge(context: string, claims: readonly string[], options?: JudgeOptions): Promise<{ verdicts: Verdict[]; usage: Usage }>;
}
