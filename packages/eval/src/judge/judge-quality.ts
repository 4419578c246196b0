import { addUsage, noUsage, ResiftError, type Usage } from '@resift/core';
import type { Judge, JudgeOptions } from './judge.ts';

/** A claim about a context with a human's word on it. */
export interface LabelledClaim {
  readonly context: string;
  readonly claim: string;
  readonly supported: boolean;
  /** Where it comes from; results are given per set and over all. */
  readonly set: string;
}

export interface JudgeQuality {
  readonly set: string;
  readonly claims: number;
  readonly supportedShare: number;
  /** Probability that a supported claim scores above an unsupported one. 0.5 is guessing. NaN where a set has one class only. */
  readonly auroc: number;
  /** Mean of sensitivity and specificity at the judge's own threshold. */
  readonly balancedAccuracy: number;
  /** Share of supported claims that the judge calls supported. */
  readonly sensitivity: number;
  /** Share of unsupported claims that the judge calls unsupported. */
  readonly specificity: number;
  /** Expected calibration error over ten equal bins (Guo et al. 2017), and the Brier score. Absent for a judge without scores. */
  readonly calibrationError?: number;
  readonly brier?: number;
}

export interface JudgeQualityOptions extends JudgeOptions {
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
}

/** Measures a judge against human labels: one row per set, then `all`. Claims that share a context are judged together. */
export async function judgeQuality(
  judge: Judge,
  rows: readonly LabelledClaim[],
  { onProgress, ...options }: JudgeQualityOptions = {},
): Promise<{ quality: JudgeQuality[]; usage: Usage }> {
  if (rows.length === 0) throw new ResiftError('invalid_input', 'Expected at least one labelled claim.');
  const byContext = new Map<string, number[]>();
  for (const [i, { context }] of rows.entries()) byContext.set(context, [...(byContext.get(context) ?? []), i]);
  const judged = new Array<Judged>(rows.length);
  let usage = noUsage;
  let done = 0;
  for (const [context, positions] of byContext) {
    options.signal?.throwIfAborted();
    const answer = await judge.judge(
      context,
      positions.map((i) => rows[i]!.claim),
      options,
    );
    for (const [k, i] of positions.entries()) judged[i] = { ...answer.verdicts[k]!, truth: rows[i]!.supported };
    usage = addUsage(usage, answer.usage);
    done += positions.length;
    onProgress?.(done, rows.length);
  }
  const sets = [...new Set(rows.map(({ set }) => set))];
  const quality = sets.map((set) =>
    measure(
      set,
      judged.filter((_, i) => rows[i]!.set === set),
    ),
  );
  return { quality: sets.length > 1 ? [...quality, measure('all', judged)] : quality, usage };
}

interface Judged {
  readonly supported: boolean;
  readonly score?: number;
  readonly truth: boolean;
}

function measure(set: string, judged: readonly Judged[]): JudgeQuality {
  const positives = judged.filter(({ truth }) => truth);
  const negatives = judged.filter(({ truth }) => !truth);
  const sensitivity = positives.filter(({ supported }) => supported).length / positives.length;
  const specificity = negatives.filter(({ supported }) => !supported).length / negatives.length;
  const scored = judged.every(({ score }) => score !== undefined);
  return {
    set,
    claims: judged.length,
    supportedShare: positives.length / judged.length,
    auroc: auroc(
      judged.map(({ score, supported }) => score ?? Number(supported)),
      judged.map(({ truth }) => truth),
    ),
    balancedAccuracy: (sensitivity + specificity) / 2,
    sensitivity,
    specificity,
    ...(scored && {
      calibrationError: calibrationError(
        judged.map(({ score }) => score!),
        judged.map(({ truth }) => truth),
      ),
      brier: judged.reduce((sum, { score, truth }) => sum + (score! - Number(truth)) ** 2, 0) / judged.length,
    }),
  };
}

/** Area under the ROC curve by ranks (Mann-Whitney), ties counted half. NaN where one class is empty. */
export function auroc(scores: readonly number[], labels: readonly boolean[]): number {
  const order = [...scores.keys()].sort((i, j) => scores[i]! - scores[j]!);
  let rankSum = 0;
  let positives = 0;
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end += 1;
    for (let i = start; i < end; i += 1) {
      if (!labels[order[i]!]) continue;
      positives += 1;
      rankSum += (start + 1 + end) / 2;
    }
    start = end;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (scores.length - positives));
}

/** Expected calibration error: over equal bins of the score, the gap between its mean and the share of positives, weighted by size. */
export function calibrationError(scores: readonly number[], labels: readonly boolean[], bins = 10): number {
  const sums = Array.from({ length: bins }, () => ({ score: 0, positives: 0 }));
  for (const [i, score] of scores.entries()) {
    const bin = sums[Math.min(bins - 1, Math.floor(score * bins))]!;
    bin.score += score;
    bin.positives += Number(labels[i]!);
  }
  return sums.reduce((sum, { score, positives }) => sum + Math.abs(score - positives), 0) / scores.length;
}
