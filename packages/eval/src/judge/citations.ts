import { addUsage, noUsage, type Usage } from '@resift/core';
import { splitClaims } from './claims.ts';
import type { Judge, JudgeOptions } from './judge.ts';

export interface CitedRange {
  /** `[start, end)` in the answer, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** The text it cites: the quote, or the passage. */
  readonly text: string;
}

export interface CitationScores {
  /** Share of the answer's claims that their own citations carry together. Absent where the answer has no claim. */
  readonly recall?: number;
  /** Share of the citations that carry their claim alone, or without which it would not be carried. Absent where there is no citation. */
  readonly precision?: number;
  readonly usage: Usage;
}

/** Citation precision and recall (ALCE, Gao et al. 2023) with any judge. A citation belongs to the claims that its range overlaps. */
export async function citationScores(
  judge: Judge,
  { question, answer, citations }: { readonly question: string; readonly answer: string; readonly citations: readonly CitedRange[] },
  options: JudgeOptions = {},
): Promise<CitationScores> {
  const claims = splitClaims(answer, question);
  let usage = noUsage;
  const carried = async (claim: string, texts: readonly string[]) => {
    if (texts.length === 0) return false;
    const judged = await judge.judge(texts.join('\n\n'), [claim], options);
    usage = addUsage(usage, judged.usage);
    return judged.verdicts[0]!.supported;
  };

  let supported = 0;
  const useful = new Set<CitedRange>();
  for (const claim of claims) {
    const own = citations.filter(({ start, end }) => start < claim.end && end > claim.start);
    const together = await carried(
      claim.text,
      own.map(({ text }) => text),
    );
    if (!together) continue;
    supported += 1;
    for (const citation of own) {
      const rest = own.filter((other) => other !== citation).map(({ text }) => text);
      if (own.length === 1 || (await carried(claim.text, [citation.text])) || !(await carried(claim.text, rest))) useful.add(citation);
    }
  }
  return {
    ...(claims.length > 0 && { recall: supported / claims.length }),
    ...(citations.length > 0 && { precision: useful.size / citations.length }),
    usage,
  };
}
