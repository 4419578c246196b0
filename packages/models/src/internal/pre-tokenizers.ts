import { type Aligned, alignedFrom, partOf, replaced } from './aligned.ts';
import { type Component, unknownComponent } from './text-normalizers.ts';
import { unicodePattern } from './unicode-pattern.ts';

export type PreTokenizer = (piece: Aligned) => Iterable<Aligned>;

/** What `pre_tokenizer` of tokenizer.json describes: it cuts a text into the pieces that are spelled one by one. Throws `invalid_config` for one that is not known. */
export function createPreTokenizer(config: Component | null | undefined): PreTokenizer {
  if (!config) return (piece) => [piece];
  switch (config.type) {
    case 'Sequence':
      return (config['pretokenizers'] as Component[]).map(createPreTokenizer).reduce(chained, (piece) => [piece]);
    case 'WhitespaceSplit':
      return splitter(/\p{White_Space}+/gu, 'Removed', false);
    case 'Metaspace':
      return metaspace(config);
    case 'ByteLevel':
      return byteLevel(config);
    case 'Digits':
      return splitter(config['individual_digits'] === true ? /\p{N}/gu : /\p{N}+/gu, 'Isolated', false);
    case 'Split':
      return splitter(unicodePattern(config['pattern']), String(config['behavior']), config['invert'] === true);
    default:
      throw unknownComponent('pre_tokenizer', config.type);
  }
}

function chained(first: PreTokenizer, second: PreTokenizer): PreTokenizer {
  return function* (piece) {
    for (const each of first(piece)) yield* second(each);
  };
}

function splitter(pattern: RegExp, behavior: string, invert: boolean): PreTokenizer {
  if (behavior !== 'Removed' && behavior !== 'Isolated') throw unknownComponent('pre_tokenizer', `Split, ${behavior}`);
  return function* (piece) {
    const { text } = piece;
    let done = 0;
    for (const { 0: match, index } of text.matchAll(pattern)) {
      if (match === '') continue;
      const end = index + match.length;
      if (index > done && !(invert && behavior === 'Removed')) yield partOf(piece, done, index);
      if (invert || behavior === 'Isolated') yield partOf(piece, index, end);
      done = end;
    }
    if (done < text.length && !(invert && behavior === 'Removed')) yield partOf(piece, done, text.length);
  };
}

/** SentencePiece's: spaces become a visible sign, with which every word begins. */
function metaspace(config: Component): PreTokenizer {
  const sign = typeof config['replacement'] === 'string' ? config['replacement'] : '▁';
  const scheme = config['prepend_scheme'] ?? (config['add_prefix_space'] === false ? 'never' : 'always');
  const split = config['split'] !== false;
  return function* (piece) {
    const words = marked(
      replaced(piece, / /g, () => sign),
      sign,
      scheme,
    );
    if (!split) return yield words;
    let start = 0;
    for (let next = words.text.indexOf(sign, 1); next >= 0; next = words.text.indexOf(sign, next + 1)) {
      yield partOf(words, start, next);
      start = next;
    }
    yield partOf(words, start, words.text.length);
  };
}

function marked(words: Aligned, sign: string, scheme: unknown): Aligned {
  const wanted = scheme === 'always' || (scheme === 'first' && words.starts[0] === 0);
  if (!wanted || words.text === '' || words.text.startsWith(sign)) return words;
  const out = alignedFrom(words);
  out.put(sign, 0, 0);
  out.keep(0, words.text.length);
  return out.done();
}

/** The words of GPT-2 (Radford et al. 2019); that their bytes are spelled in letters is the model's business. */
const GPT2 =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

function byteLevel(config: Component): PreTokenizer {
  const words: PreTokenizer = config['use_regex'] === false ? (piece) => [piece] : splitter(GPT2, 'Isolated', false);
  if (config['add_prefix_space'] !== true) return words;
  return (piece) => {
    if (piece.text === '' || piece.text.startsWith(' ')) return words(piece);
    const out = alignedFrom(piece);
    out.put(' ', 0, 0);
    out.keep(0, piece.text.length);
    return words(out.done());
  };
}
