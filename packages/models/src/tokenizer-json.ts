import { ResiftError } from '@resift/core';
import { z } from 'zod';
import { type AddedToken, sectionsAt } from './internal/added-tokens.ts';
import { type Aligned, aligned } from './internal/aligned.ts';
import { createBytePairs } from './internal/byte-pairs.ts';
import { pairFrame } from './internal/pair-frame.ts';
import { createPreTokenizer } from './internal/pre-tokenizers.ts';
import { type Component, createNormalizer, unknownComponent } from './internal/text-normalizers.ts';
import { truncateText } from './internal/truncate-text.ts';
import { createUnigram } from './internal/unigram.ts';
import { createWordCache } from './internal/word-cache.ts';
import type { Spelling, WordSpeller } from './internal/word-speller.ts';
import type { PairTokenizer, Tokens } from './pair-tokenizer.ts';
import { createWordPiece } from './wordpiece.ts';

const component = z.looseObject({ type: z.string() });
const schema = z.object({
  added_tokens: z
    .array(
      z.object({
        id: z.int().min(0),
        content: z.string(),
        single_word: z.boolean().default(false),
        lstrip: z.boolean().default(false),
        rstrip: z.boolean().default(false),
        normalized: z.boolean().default(true),
      }),
    )
    .default([]),
  normalizer: component.nullish(),
  pre_tokenizer: component.nullish(),
  post_processor: component.nullish(),
  // Its vocabulary is long, so it is looked at by hand.
  model: z.looseObject({ type: z.string().optional() }),
});
type Parsed = z.infer<typeof schema>;

export interface TokenizerJsonOptions {
  /** Which token fills up a batch, as text: `pad_token` of tokenizer_config.json. Default: the usual names, else the first entry. */
  readonly padToken?: string | undefined;
}

/**
 * Makes a tokenizer of a parsed `tokenizer.json` of Hugging Face: WordPiece (BERT), Unigram (XLM-RoBERTa, DeBERTa) or byte-level BPE
 * (ModernBERT, RoBERTa). Its ids are those of Python's `tokenizers`, which the tests hold it to. Throws `corrupt` where the file has not
 * the expected form, `invalid_config` where it needs a component that is not known here.
 */
export function createTokenizer(json: unknown, { padToken }: TokenizerJsonOptions = {}): PairTokenizer {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new ResiftError('corrupt', `tokenizer.json does not have the expected form:\n${z.prettifyError(parsed.error)}`, {
      cause: parsed.error,
      details: { file: 'tokenizer.json' },
    });
  }
  if (parsed.data.model.type === 'WordPiece') return wordPiece(parsed.data);
  return assembled(parsed.data, padToken);
}

function wordPiece({ model, normalizer, pre_tokenizer }: Parsed): PairTokenizer {
  const rules = normalizer ?? { type: 'none' };
  const lowercase = rules['lowercase'] === true;
  const usual =
    rules.type === 'BertNormalizer' &&
    rules['clean_text'] !== false &&
    rules['handle_chinese_chars'] !== false &&
    (rules['strip_accents'] ?? lowercase) === lowercase &&
    pre_tokenizer?.type === 'BertPreTokenizer' &&
    (model['continuing_subword_prefix'] ?? '##') === '##' &&
    (model['max_input_chars_per_word'] ?? 100) === 100;
  if (!usual) throw unknownComponent('WordPiece setting', JSON.stringify({ normalizer, pre_tokenizer }));
  const vocabulary: string[] = [];
  for (const [piece, id] of entriesOf(model['vocab'])) vocabulary[id] = piece;
  return createWordPiece(
    Array.from(vocabulary, (piece) => piece ?? ''),
    { cased: !lowercase },
  );
}

/** Spaces, marks and added tokens can reach over a cut, but not so far (UTF-16 units). */
const MARGIN = 256;
const CACHED_WORDS = 20_000;
const LONGEST_CACHED = 40;

function assembled(
  { added_tokens, normalizer, pre_tokenizer, post_processor, model }: Parsed,
  padToken: string | undefined,
): PairTokenizer {
  const { spell, idOf, size } = spellerOf(model);
  const normalize = createNormalizer(normalizer as Component | null);
  const preTokenize = createPreTokenizer(pre_tokenizer as Component | null);
  const written = sectionsAt(added_tokens.filter(({ normalized }) => !normalized));
  // These are looked for in the normalised text, so they are normalised themselves.
  const normalized = added_tokens.filter((token) => token.normalized);
  const rewritten = sectionsAt(normalized.map((token): AddedToken => ({ ...token, content: normalize(aligned(token.content)).text })));
  const pads = padToken === undefined ? ['<pad>', '[PAD]'] : [padToken];
  const padId = pads.map((name) => added_tokens.find(({ content }) => content === name)?.id ?? idOf(name)).find((id) => id !== undefined);
  const frame = pairFrame(post_processor as Component | null, padId ?? 0);
  const cache = createWordCache<Spelling>(CACHED_WORDS / 2);

  function spelling(word: string): Spelling {
    if (word.length > LONGEST_CACHED) return spell(word);
    const known = cache.get(word);
    if (known) return known;
    const made = spell(word);
    cache.set(word, made);
    return made;
  }

  /** The tokens of a text up to `enough`, and how many of them would be the same if more text followed. */
  function read(text: string, enough: number): { ids: number[]; offsets: number[]; stable: number } {
    const ids: number[] = [];
    const offsets: number[] = [];
    let stable = 0;
    const put = (piece: Aligned, found: Spelling) => {
      for (const id of found.ids) ids.push(id);
      for (let i = 0; i < found.bounds.length; i += 2) {
        offsets.push(piece.starts[found.bounds[i]!] ?? 0, piece.ends[found.bounds[i + 1]! - 1] ?? 0);
      }
      if ((piece.ends.at(-1) ?? 0) <= text.length - MARGIN) stable = ids.length;
      return ids.length >= enough;
    };
    for (const outer of written(aligned(text))) {
      const sections = outer.id === undefined ? rewritten(normalize(outer.text)) : [outer];
      for (const { id, text: section } of sections) {
        if (id !== undefined) {
          if (put(section, { ids: [id], bounds: [0, section.text.length] })) return { ids, offsets, stable };
          continue;
        }
        for (const piece of preTokenize(section)) if (put(piece, spelling(piece.text))) return { ids, offsets, stable };
      }
    }
    return { ids, offsets, stable };
  }

  function encode(given: string, { maxTokens = Infinity }: { readonly maxTokens?: number | undefined } = {}): Tokens {
    const text = given.replaceAll(/\p{Surrogate}/gu, '\ufffd');
    // Of a long text only the beginning is read, a longer one where that did not do.
    for (let length = 8 * maxTokens + 4 * MARGIN; ; length *= 4) {
      const found = read(text.slice(0, length), maxTokens + 1);
      if (length < text.length && found.stable <= maxTokens) continue;
      const kept = Math.min(found.ids.length, maxTokens);
      return {
        ids: Int32Array.from(found.ids.slice(0, kept)),
        offsets: Uint32Array.from(found.offsets.slice(0, 2 * kept)),
        truncated: kept < found.ids.length,
      };
    }
  }

  return {
    size: Math.max(size, ...added_tokens.map(({ id }) => id + 1)),
    frame,
    encode,
    count: (text) => encode(text).ids.length,
    truncate: (text, tokens) => truncateText(encode, text, tokens),
  };
}

interface Speller {
  readonly spell: WordSpeller;
  readonly idOf: (piece: string) => number | undefined;
  readonly size: number;
}

function spellerOf(model: Parsed['model']): Speller {
  if (model['byte_fallback'] === true) throw unknownComponent('model', `${model.type} with byte_fallback`);
  // Older files leave the type of a Unigram model out.
  if (model.type === 'Unigram' || (model.type === undefined && Array.isArray(model['vocab']))) {
    const vocabulary = model['vocab'] as unknown;
    if (!Array.isArray(vocabulary) || !vocabulary.every(isScored)) throw malformed('a list of pieces and scores');
    const ids = new Map(vocabulary.map(([piece], id) => [piece, id]));
    return { spell: createUnigram(vocabulary, Number(model['unk_id'] ?? -1)), idOf: (piece) => ids.get(piece), size: vocabulary.length };
  }
  if (model.type !== 'BPE') throw unknownComponent('model', String(model.type));
  for (const setting of ['continuing_subword_prefix', 'end_of_word_suffix', 'dropout']) {
    if (model[setting]) throw unknownComponent('model', `BPE with ${setting}`);
  }
  const vocabulary = new Map(entriesOf(model['vocab']));
  const merges = (Array.isArray(model['merges']) ? model['merges'] : []).map((merge: unknown) => {
    const pair = typeof merge === 'string' ? merge.split(' ') : merge;
    if (Array.isArray(pair) && pair.length === 2) return pair as [string, string];
    throw malformed('merges of two pieces each');
  });
  const spell = createBytePairs({ vocabulary, merges, ignoreMerges: model['ignore_merges'] === true });
  return { spell, idOf: (piece) => vocabulary.get(piece), size: vocabulary.size };
}

function entriesOf(vocabulary: unknown): [piece: string, id: number][] {
  if (typeof vocabulary !== 'object' || vocabulary === null) throw malformed('pieces with their ids');
  const entries = Object.entries(vocabulary as Record<string, unknown>);
  if (entries.length > 0 && entries.every(([, id]) => Number.isInteger(id) && (id as number) >= 0)) return entries as [string, number][];
  throw malformed('pieces with their ids');
}

const isScored = (entry: unknown): entry is [string, number] =>
  Array.isArray(entry) && typeof entry[0] === 'string' && Number.isFinite(entry[1]);

const malformed = (expected: string) =>
  new ResiftError('corrupt', `Expected the vocabulary in tokenizer.json to be ${expected}: download the file again.`, {
    details: { file: 'tokenizer.json' },
  });
