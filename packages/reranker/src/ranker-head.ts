import { ResiftError, type TextEncoding } from '@resift/core';
import { cosine } from './cosine.ts';
import { type Lexicon, lexicalReader, terms } from './lexical.ts';
import { bestMatches, mean, softMatches } from './maxsim.ts';

/** What a head may look at. Exact definitions: `packages/models-en/training/FEATURES.md`. */
const FEATURES = [
  'maxsim',
  'softmaxsim',
  'maxsim_weighted',
  'softmaxsim_weighted',
  'cosine',
  'length',
  'lexical',
  'coverage',
  'lexical_long',
] as const;

export type Feature = (typeof FEATURES)[number];

/** A linear model over a few features of a query and a text: logit = bias + Σ weights[i] · (feature[i] − mean[i]) / scale[i]. */
export interface RankerHead {
  /** Names of `Feature`; a manifest holds them as strings, and an unknown one is refused. */
  readonly features: readonly string[];
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  readonly weights: readonly number[];
  readonly bias: number;
}

/** Reads one text and its encoding. The array it gives is reused by the next call. */
export type FeatureReader = (text: string, encoding: TextEncoding) => Float64Array;

/** Reads the query once and prepares the named features. `invalid_config` where a feature needs what is not there: a lexicon, token weights. */
export function featureReader(names: readonly string[], query: string, asked: TextEncoding, lexicon: Lexicon | undefined): FeatureReader {
  const needs = (...some: Feature[]) => some.some((name) => names.includes(name));
  const { tokens } = asked;
  if (needs('maxsim_weighted', 'softmaxsim_weighted') && !tokens.weights) {
    throw new ResiftError('invalid_config', 'A weighted MaxSim needs an encoder that gives token weights.');
  }
  const reads = needs('lexical', 'coverage', 'lexical_long');
  if (reads && !lexicon) {
    throw new ResiftError(
      'invalid_config',
      'The features lexical, lexical_long and coverage need a lexicon: pass `lexicon`, the table shipped with the models.',
    );
  }
  const words = reads && lexicon ? lexicalReader(query, lexicon) : () => ({ lexical: 0, coverage: 0 });
  const long = needs('lexical_long') ? longness(query) : 0;
  const hard = needs('maxsim', 'maxsim_weighted');
  const softly = needs('softmaxsim', 'softmaxsim_weighted');
  const best = new Float64Array(tokens.count);
  const soft = new Float64Array(tokens.count);
  const values = new Float64Array(names.length);

  return (text, { sentence, tokens: found }) => {
    if (softly) softMatches(tokens, found, best, soft);
    else if (hard) bestMatches(tokens, found, best);
    const { lexical, coverage } = words(text);
    const read: Readonly<Record<Feature, () => number>> = {
      maxsim: () => mean(best),
      softmaxsim: () => mean(soft),
      maxsim_weighted: () => mean(best, tokens.weights),
      softmaxsim_weighted: () => mean(soft, tokens.weights),
      cosine: () => cosine(asked.sentence, sentence),
      length: () => Math.log(found.count + 16),
      lexical: () => lexical,
      coverage: () => coverage,
      lexical_long: () => long * (lexical - TYPICAL_LEXICAL),
    };
    names.forEach((name, i) => {
      values[i] = read[name as Feature]();
    });
    return values;
  };
}

/** The usual `lexical` of a candidate for a long query, so that words count for and against it alike. */
const TYPICAL_LEXICAL = 0.45;

/** 0 for a query of up to 10 terms, 1 from 14 on: in the mean over many tokens the few rare words that decide are lost, so words count more. */
function longness(query: string): number {
  return Math.min(1, Math.max(0, (terms(query).length - 10) / 4));
}

/** The head's logit of one row of features. */
export function headLogit(head: RankerHead, values: ArrayLike<number>): number {
  let logit = head.bias;
  for (let i = 0; i < head.weights.length; i++) logit += (head.weights[i]! * (values[i]! - head.mean[i]!)) / head.scale[i]!;
  return logit;
}

/** Throws `invalid_config` where the head's lists differ in length, hold a number that is not finite, a scale of 0, or an unknown feature. */
export function checkHead(head: RankerHead): void {
  const wrong = (message: string) =>
    new ResiftError('invalid_config', `The ranker head ${message}: use the manifest that came with the model.`);
  const known: readonly string[] = FEATURES;
  const unknown = head.features.find((name) => !known.includes(name));
  if (unknown !== undefined) throw wrong(`names the unknown feature ${JSON.stringify(unknown)} (known: ${known.join(', ')})`);
  for (const key of ['mean', 'scale', 'weights'] as const) {
    if (head[key].length !== head.features.length)
      throw wrong(`has ${head[key].length} numbers in ${key} for ${head.features.length} features`);
    if (!head[key].every(Number.isFinite)) throw wrong(`has a number in ${key} that is not finite`);
  }
  if (head.scale.includes(0)) throw wrong('has a scale of 0');
  if (!Number.isFinite(head.bias)) throw wrong('has a bias that is not finite');
}
