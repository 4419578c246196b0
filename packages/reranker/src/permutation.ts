import { afterReasoning } from './internal/ask.ts';

/** How well an answer named the passages it was shown. `ok`: each exactly once. `wrong format`: fewer than half of them, so the answer counts for nothing. */
export type PermutationVerdict = 'ok' | 'repetition' | 'missing' | 'wrong format';

export interface Permutation {
  /** Positions from 0, best first, each exactly once. */
  readonly order: number[];
  readonly verdict: PermutationVerdict;
  /** True where something had to be dropped or added. */
  readonly repaired: boolean;
}

/**
 * Reads any answer as a permutation of `length` passages (RankGPT, with the repairs of RankLLM). Identifiers in brackets count; where there is none, every number does.
 * Repeats and strangers are dropped, what was left out follows in the order before; with fewer than half of the passages named, nothing moves.
 */
export function parsePermutation(answer: string, length: number): Permutation {
  const identity = [...Array(length).keys()];
  const numbers = identifiers(answer);
  const known = numbers.filter((place) => place >= 0 && place < length);
  const named = [...new Set(known)];
  if (named.length < length / 2) return { order: identity, verdict: 'wrong format', repaired: true };

  const missing = named.length < length;
  const repetition = named.length < known.length;
  return {
    order: [...new Set([...named, ...identity])],
    verdict: missing ? 'missing' : repetition ? 'repetition' : 'ok',
    repaired: missing || repetition || known.length < numbers.length,
  };
}

function identifiers(answer: string): number[] {
  const plain = ascii(afterReasoning(answer));
  const bracketed = [...plain.matchAll(/\[\s*(\d{1,6})\s*\]/g)];
  const found = bracketed.length > 0 ? bracketed : [...plain.matchAll(/(\d{1,6})/g)];
  return found.map(([, digits]) => Number(digits) - 1);
}

/** Superscripts, circled and full-width digits, and those of other scripts, as ASCII: small models write them. */
function ascii(text: string): string {
  return text
    .normalize('NFKC') // ², ② and ２
    .replaceAll(/\p{Nd}/gu, (digit) => (digit < '\u0080' ? digit : String(digitValue(digit))));
}

/** Decimal digits stand in runs of ten, zero first. */
function digitValue(digit: string): number {
  const point = digit.codePointAt(0)!;
  for (let value = 0; value < 10; value++) {
    if (!/\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) return value;
  }
  return (point - 0x1d7ce) % 10; // only the mathematical digits stand in longer runs
}
