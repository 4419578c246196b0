import { ResiftError } from '@resift/core';
import { type Calibration, probabilityOf } from './calibrated.ts';

/** A raw score, and whether the document was relevant. */
export interface Judged {
  readonly score: number;
  readonly relevant: boolean;
}

/**
 * Fits a Platt calibration by maximum likelihood on smoothed targets (Platt 1999, with the Newton steps of Lin, Lin & Weng 2007). Rejects what it cannot learn from: no relevant or no irrelevant score, or scores that fall with relevance.
 */
export function fitPlatt(judged: readonly Judged[]): Extract<Calibration, { kind: 'platt' }> {
  const { positives, negatives } = count(judged);
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (negatives + 2);
  let a = 0;
  let b = Math.log((positives + 1) / (negatives + 1));
  let loss = lossOf(judged, a, b, high, low);

  for (let step = 0; step < 100; step++) {
    let [aa, ab, bb, ga, gb] = [1e-12, 0, 1e-12, 0, 0];
    for (const { score, relevant } of judged) {
      const p = 1 / (1 + Math.exp(-(a * score + b)));
      const weight = p * (1 - p);
      const error = p - (relevant ? high : low);
      aa += weight * score * score;
      ab += weight * score;
      bb += weight;
      ga += error * score;
      gb += error;
    }
    if (Math.abs(ga) < 1e-7 && Math.abs(gb) < 1e-7) break;
    const determinant = aa * bb - ab * ab;
    const da = (ab * gb - bb * ga) / determinant;
    const db = (ab * ga - aa * gb) / determinant;
    // Halve a step that overshoots.
    let size = 1;
    for (; size > 1e-10; size /= 2) {
      const tried = lossOf(judged, a + size * da, b + size * db, high, low);
      if (tried > loss) continue;
      a += size * da;
      b += size * db;
      loss = tried;
      break;
    }
    if (size <= 1e-10) break;
  }
  if (!(a > 0)) throw falling();
  return { kind: 'platt', a, b };
}

/** Fits an isotonic calibration by pooling adjacent violators; each pool becomes one point at its mean score. Needs more judgements than Platt: a thousand or more. */
export function fitIsotonic(judged: readonly Judged[]): Extract<Calibration, { kind: 'isotonic' }> {
  count(judged);
  const pools: { scores: number; relevant: number; size: number }[] = [];
  for (const { score, relevant } of [...judged].sort((x, y) => x.score - y.score)) {
    pools.push({ scores: score, relevant: Number(relevant), size: 1 });
    for (let last = pools.length - 1; last > 0; last--) {
      const [below, above] = [pools[last - 1]!, pools[last]!];
      const tied = below.scores / below.size === above.scores / above.size;
      if (!tied && below.relevant / below.size < above.relevant / above.size) break;
      pools.splice(last - 1, 2, {
        scores: below.scores + above.scores,
        relevant: below.relevant + above.relevant,
        size: below.size + above.size,
      });
    }
  }
  if (pools.length < 2) throw falling();
  return {
    kind: 'isotonic',
    scores: pools.map((pool) => pool.scores / pool.size),
    probabilities: pools.map((pool) => pool.relevant / pool.size),
  };
}

/**
 * Expected calibration error: probabilities in `bins` of equal width (default 10), and the mean over all judgements of how far a bin's mean probability lies from its share of relevant ones. 0 is perfect; `NaN` has no place here: no judgement is an error.
 */
export function calibrationError(judged: readonly Judged[], calibration: Calibration, bins = 10): number {
  if (judged.length === 0) throw new ResiftError('invalid_input', 'Expected at least one judged score to measure a calibration by.');
  const sums = Array.from({ length: bins }, () => ({ probability: 0, relevant: 0 }));
  for (const { score, relevant } of judged) {
    const probability = probabilityOf(score, calibration);
    const bin = sums[Math.min(bins - 1, Math.floor(probability * bins))]!;
    bin.probability += probability;
    bin.relevant += Number(relevant);
  }
  return sums.reduce((error, bin) => error + Math.abs(bin.probability - bin.relevant), 0) / judged.length;
}

function lossOf(judged: readonly Judged[], a: number, b: number, high: number, low: number): number {
  return judged.reduce((sum, { score, relevant }) => {
    const logit = a * score + b;
    const target = relevant ? high : low;
    // log(1 + e^x) without overflow.
    return sum + Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - target * logit;
  }, 0);
}

function count(judged: readonly Judged[]): { positives: number; negatives: number } {
  const wrong = judged.findIndex(({ score }) => !Number.isFinite(score));
  if (wrong !== -1) throw new ResiftError('invalid_input', `Expected finite scores, got ${judged[wrong]!.score} at ${wrong}.`);
  const positives = judged.filter(({ relevant }) => relevant).length;
  const negatives = judged.length - positives;
  if (positives > 0 && negatives > 0) return { positives, negatives };
  throw new ResiftError('invalid_input', `Expected relevant and irrelevant scores to calibrate by, got ${positives} and ${negatives}.`);
}

function falling(): ResiftError {
  return new ResiftError(
    'invalid_input',
    'The scores do not rise with relevance, so no calibration fits: check that higher means better and that judgements belong to these scores.',
  );
}
