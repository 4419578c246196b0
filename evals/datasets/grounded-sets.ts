import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ResiftError } from '@resift/core';
import { readJsonl } from '@resift/eval/jsonl';
import type { LabelledClaim } from '@resift/eval/judge/judge-quality';
import { random } from '@resift/eval/random';
import { isEvaluationPassage } from './evaluation-rows.ts';

export const GROUNDED_SETS = [
  'wice_claim_dev',
  'wice_oracle_chunks_dev',
  'healthver_dev',
  'summedits',
  'begin',
  'climate_fever',
  'scifact_nli',
  'sick',
] as const;

interface Row {
  readonly context: string;
  readonly claim: string;
  readonly label: 0 | 1;
}

/** The evaluation rows of `grounded/` with their human labels; at most `most` of each set, drawn with a fixed seed. */
export async function groundedRows(
  data: string,
  { most = Infinity }: { readonly most?: number | undefined } = {},
): Promise<LabelledClaim[]> {
  const all: LabelledClaim[] = [];
  for (const set of GROUNDED_SETS) {
    const path = join(data, 'grounded', `${set}.jsonl.gz`);
    if (!existsSync(path)) throw new ResiftError('not_found', `There is no ${path}: pass the folder of the data with --data.`);
    const rows: LabelledClaim[] = [];
    for await (const { context, claim, label } of readJsonl<Row>(path)) {
      if (isEvaluationPassage(context) && claim.trim() !== '') rows.push({ context, claim, supported: label === 1, set });
    }
    const next = random(7);
    all.push(
      ...(rows.length <= most
        ? rows
        : rows
            .map((row) => ({ row, key: next() }))
            .sort((a, b) => a.key - b.key)
            .slice(0, most)
            .map(({ row }) => row)),
    );
  }
  return all;
}
