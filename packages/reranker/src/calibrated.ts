import { type Reranker, ResiftError } from '@resift/core';
import { strictlyAs } from './internal/descending.ts';

/** How a raw score becomes a probability. Both rise with the score, so neither changes an order. */
export type Calibration =
  /** sigmoid(a · score + b), a > 0 (Platt 1999). */
  | { readonly kind: 'platt'; readonly a: number; readonly b: number }
  /** Linear between the points (Zadrozny & Elkan 2002), flat outside. Scores strictly rising, probabilities never falling. */
  | { readonly kind: 'isotonic'; readonly scores: readonly number[]; readonly probabilities: readonly number[] };

/** No finite evidence makes a thing certain; and room is needed to keep apart what a sigmoid would merge. */
const MARGIN = 1e-9;

/**
 * Turns the scores of a reranker into calibrated probabilities, within [1e-9, 1 - 1e-9]. The order stays the one of the raw scores, even where the
 * probabilities are closer than a number can say. An order (`ordinal`) has no probability: that is a type error.
 */
export function calibrated(reranker: Reranker<'logit' | 'similarity'>, calibration: Calibration): Reranker<'probability'> {
  check(calibration);
  const view = (score: number) => probabilityOf(score, calibration);

  return {
    id: `calibrated(${reranker.id})`,
    scale: 'probability',
    async rerank(query, documents, options) {
      const ranking = await reranker.rerank(query, documents, options);
      return { ...ranking, items: strictlyAs(ranking.items, view), scale: 'probability' };
    },
  };
}

/** The probability of one raw score, within [1e-9, 1 - 1e-9]. */
export function probabilityOf(score: number, calibration: Calibration): number {
  const raw = calibration.kind === 'platt' ? 1 / (1 + Math.exp(-(calibration.a * score + calibration.b))) : interpolate(score, calibration);
  return Math.min(Math.max(raw, MARGIN), 1 - MARGIN);
}

function interpolate(score: number, { scores, probabilities }: Extract<Calibration, { kind: 'isotonic' }>): number {
  const above = scores.findIndex((known) => known >= score);
  if (above === 0) return probabilities[0]!;
  if (above === -1) return probabilities.at(-1)!;
  const share = (score - scores[above - 1]!) / (scores[above]! - scores[above - 1]!);
  return probabilities[above - 1]! + share * (probabilities[above]! - probabilities[above - 1]!);
}

function check(calibration: Calibration): void {
  if (calibration.kind === 'platt') {
    const { a, b } = calibration;
    if (Number.isFinite(a) && a > 0 && Number.isFinite(b)) return;
    throw new ResiftError('invalid_config', `Expected a Platt calibration with finite a > 0 and finite b, got a = ${a} and b = ${b}.`);
  }
  const { scores, probabilities } = calibration;
  const rising = scores.every((score, i) => Number.isFinite(score) && (i === 0 || score > scores[i - 1]!));
  const never = probabilities.every((p, i) => p >= 0 && p <= 1 && (i === 0 || p >= probabilities[i - 1]!));
  if (scores.length > 0 && scores.length === probabilities.length && rising && never) return;
  throw new ResiftError(
    'invalid_config',
    `Expected an isotonic calibration of as many rising scores as never falling probabilities within [0, 1], got ${scores.length} and ${probabilities.length}.`,
  );
}
