import { ResiftError, type TextEncoding } from '@resift/core';
import { cosine } from './cosine.ts';
import { type Lexicon, lexical } from './lexical.ts';
import { bestMatches, mean } from './maxsim.ts';

/** What a head may look at. Exact definitions: `packages/models-en/training/FEATURES.md`. */
export type Feature = 'maxsim' | 'maxsim_weighted' | 'cosine' | 'lexical';

/** A linear model over a few features of a query and a text: logit = bias + Σ weights[i] · (feature[i] − mean[i]) / scale[i]. */
export interface RankerHead {
  readonly features: readonly Feature[];
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  readonly weights: readonly number[];
  readonly bias: number;
}

/** Reads the query once; the function it gives reads one text and its encoding. The array it returns is reused by the next call. */
export type FeatureReader = (text: string, encoding: TextEncoding) => Float64Array;

type Read = (text: string, encoding: TextEncoding, best: Float32Array) => number;

/** Prepares the named features for one query. `invalid_config` where a feature needs a lexicon and there is none. */
export function featureReader(
  features: readonly Feature[],
  query: string,
  encoding: TextEncoding,
  lexicon: Lexicon | undefined,
): FeatureReader {
  const reads = features.map((name) => prepare(name, query, encoding, lexicon));
  const best = new Float32Array(encoding.tokens.count);
  const values = new Float64Array(features.length);
  const matches = features.some((name) => name.startsWith('maxsim'));

  return (text, document) => {
    if (matches) bestMatches(encoding.tokens, document.tokens, best);
    reads.forEach((read, i) => {
      values[i] = read(text, document, best);
    });
    return values;
  };
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
  const known: readonly string[] = ['maxsim', 'maxsim_weighted', 'cosine', 'lexical'] satisfies Feature[];
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

function prepare(name: Feature, query: string, { sentence, tokens }: TextEncoding, lexicon: Lexicon | undefined): Read {
  switch (name) {
    case 'maxsim':
      return (_, __, best) => mean(best);
    case 'maxsim_weighted': {
      const { weights } = tokens;
      if (!weights) throw new ResiftError('invalid_config', 'The feature maxsim_weighted needs an encoder that gives token weights.');
      return (_, __, best) => mean(best, weights);
    }
    case 'cosine':
      return (_, document) => cosine(sentence, document.sentence);
    case 'lexical': {
      if (!lexicon)
        throw new ResiftError('invalid_config', 'The feature lexical needs a lexicon: pass `lexicon`, the table shipped with the models.');
      return lexical(query, lexicon);
    }
  }
}
