import { ResiftError } from '@resift/core';
import { type Aligned, aligned, alignedFrom, partOf, replaced } from './aligned.ts';
import { createCharsmap } from './charsmap.ts';
import { walkGraphemes } from './graphemes.ts';
import { unicodePattern } from './unicode-pattern.ts';

export type Normalizer = (text: Aligned) => Aligned;

/** One entry of `normalizer` or `pre_tokenizer` in tokenizer.json. */
export interface Component {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What `normalizer` of tokenizer.json describes. Throws `invalid_config` for one that is not known. */
export function createNormalizer(config: Component | null | undefined): Normalizer {
  if (!config) return (text) => text;
  switch (config.type) {
    case 'Sequence': {
      const steps = (config['normalizers'] as Component[]).map(createNormalizer);
      return (text) => steps.reduce((changed, step) => step(changed), text);
    }
    case 'Precompiled':
      // Some converters write `null` for a model without one.
      return config['precompiled_charsmap'] ? createCharsmap(String(config['precompiled_charsmap'])) : (text) => text;
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return unicodeForm(config.type);
    case 'Lowercase':
      // Character by character: a capital sigma at a word's end becomes the common small one, as in Rust.
      return (text) => replaced(text, /[\p{Lu}\p{Lt}\p{Changes_When_Lowercased}]/gu, (character) => character.toLowerCase());
    case 'StripAccents':
      return (text) => replaced(text, /\p{Mn}/gu, () => '');
    case 'Strip':
      return strip(config['strip_left'] === true, config['strip_right'] === true);
    case 'Prepend':
      return prepend(String(config['prepend']));
    case 'Replace': {
      const pattern = unicodePattern(config['pattern']);
      const content = String(config['content']);
      return (text) => replaced(text, pattern, () => content);
    }
    default:
      throw unknownComponent('normalizer', config.type);
  }
}

export function unknownComponent(kind: string, type: string): ResiftError {
  return new ResiftError(
    'invalid_config',
    `This tokenizer.json has the ${kind} ${JSON.stringify(type)}, which is not known here. WordPiece, XLM-RoBERTa and byte-level BPE tokenizers can be read.`,
    { details: { [kind]: type } },
  );
}

function unicodeForm(form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): Normalizer {
  return (source) => {
    if (source.text.normalize(form) === source.text) return source;
    const out = alignedFrom(source);
    // Nothing composes across the border of two grapheme clusters.
    walkGraphemes(source.text, out.keep, (from, to) => {
      const cluster = source.text.slice(from, to);
      const changed = cluster.normalize(form);
      if (changed === cluster) out.keep(from, to);
      else out.put(changed, from, to);
    });
    return out.done();
  };
}

function strip(left: boolean, right: boolean): Normalizer {
  return (source) => {
    const from = left ? /^\p{White_Space}*/u.exec(source.text)![0].length : 0;
    let to = source.text.length;
    while (right && to > from && /\p{White_Space}/u.test(source.text[to - 1]!)) to -= 1;
    return partOf(source, from, to);
  };
}

function prepend(prefix: string): Normalizer {
  return (source) => {
    if (source.text === '') return aligned('');
    const out = alignedFrom(source);
    out.put(prefix, 0, 0);
    out.keep(0, source.text.length);
    return out.done();
  };
}
