const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/** The `tokenizer.json` that Hugging Face's libraries read as BERT's uncased WordPiece tokenizer with this vocabulary; it adds no special tokens to a text. */
export function bertTokenizerJson(vocabulary: readonly string[]): object {
  return {
    version: '1.0',
    added_tokens: SPECIAL.map((content) => ({
      ...{ id: vocabulary.indexOf(content), content, special: true },
      ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
    })),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((entry, id) => [entry, id])),
    },
  };
}
