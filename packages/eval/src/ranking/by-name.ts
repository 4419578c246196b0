import { ResiftError } from '@resift/core';
import { hitRate, judged, precision, recall, rPrecision } from './at-k.ts';
import { averagePrecision } from './average-precision.ts';
import { bpref } from './bpref.ts';
import { err } from './err.ts';
import type { RankingMetric } from './metric.ts';
import { ndcg } from './ndcg.ts';
import { rbp } from './rbp.ts';
import { reciprocalRank } from './reciprocal-rank.ts';

type Parameters = Readonly<Record<string, string>>;
const MAKERS: Readonly<Record<string, (k: number | undefined, parameters: Parameters) => RankingMetric>> = {
  nDCG: (k, { dcg }) => ndcg(k, { gain: dcg === 'exp-log2' ? 'exponential' : 'linear' }),
  AP: (k, { rel }) => averagePrecision(k, binary(rel)),
  RR: (k, { rel }) => reciprocalRank(k, binary(rel)),
  R: (k, { rel }) => recall(needed(k, 'R'), binary(rel)),
  P: (k, { rel }) => precision(needed(k, 'P'), binary(rel)),
  Success: (k, { rel }) => hitRate(needed(k, 'Success'), binary(rel)),
  Judged: (k) => judged(needed(k, 'Judged')),
  ERR: (k) => err(needed(k, 'ERR')),
  Rprec: (_, { rel }) => rPrecision(binary(rel)),
  Bpref: (_, { rel }) => bpref(binary(rel)),
  RBP: (_, { p, rel }) => rbp({ ...binary(rel), ...(p !== undefined && { persistence: Number(p) }) }),
};
const ALIASES: Readonly<Record<string, string>> = { MRR: 'RR', MAP: 'AP', Recall: 'R', Precision: 'P', Hit: 'Success' };
const PARAMETERS: ReadonlySet<string> = new Set(['dcg', 'rel', 'p']);

/** The metric that an ir_measures name means: `nDCG@10`, `nDCG(dcg='exp-log2')@10`, `R(rel=2)@100`, `AP`, `RBP(p=0.9)`; `MRR`, `MAP`, `Recall`, `Precision`, `Hit` are understood too. */
export function rankingMetric(name: string): RankingMetric {
  const [, written, inside = '', k] = /^(\w+?)(?:\(([^)]*)\))?(?:@(\d+))?$/.exec(name.trim()) ?? [];
  const maker = written === undefined ? undefined : MAKERS[ALIASES[written] ?? written];
  const parameters = Object.fromEntries(
    inside
      .split(',')
      .filter(Boolean)
      .map((part) => part.split('=').map((piece) => piece.trim().replaceAll(/['"]/g, '')) as [string, string]),
  );
  if (!maker || Object.keys(parameters).some((key) => !PARAMETERS.has(key))) {
    throw new ResiftError(
      'invalid_input',
      `Unknown ranking metric "${name}". Known: ${Object.keys(MAKERS).join(', ')}, as in nDCG@10 or R(rel=2)@100.`,
    );
  }
  return maker(k === undefined ? undefined : Number(k), parameters);
}

function binary(rel: string | undefined): { relevantFrom?: number } {
  return rel === undefined ? {} : { relevantFrom: Number(rel) };
}

function needed(k: number | undefined, name: string): number {
  if (k !== undefined) return k;
  throw new ResiftError('invalid_input', `${name} needs a cutoff: write ${name}@10, for example.`);
}
