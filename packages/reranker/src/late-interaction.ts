import {
  addUsage,
  type CallOptions,
  createReranker,
  noUsage,
  type Reranker,
  ResiftError,
  type StoredEncodings,
  type TextEncoding,
  type TokenEmbedder,
} from '@resift/core';
import { breaths, nextTurn } from './internal/breaths.ts';
import type { Lexicon } from './lexical.ts';
import { checkHead, featureReader, headLogit, type RankerHead } from './ranker-head.ts';

export interface LateInteractionOptions {
  /** Turns MaxSim and other evidence into a logit. Default: MaxSim alone. */
  readonly head?: RankerHead | undefined;
  /** Needed by a head that has the feature `lexical`. */
  readonly lexicon?: Lexicon | undefined;
  /** Encodes the query where another model than the documents' does it; both write into one space. Default: the same one. */
  readonly queryEmbedder?: TokenEmbedder | undefined;
  /** Encodings kept since ingestion, by this very embedder: they save the documents' pass and change no score. */
  readonly stored?: StoredEncodings | undefined;
}

/** Late interaction (ColBERT, Khattab & Zaharia 2020): each query token takes its best match in the document. A text without tokens scores 0. */
export function lateInteraction(
  embedder: TokenEmbedder,
  options: LateInteractionOptions & { readonly head: RankerHead },
): Reranker<'logit'>;
export function lateInteraction(
  embedder: TokenEmbedder,
  options?: LateInteractionOptions & { readonly head?: undefined },
): Reranker<'similarity'>;
export function lateInteraction(
  embedder: TokenEmbedder,
  { head, lexicon, stored, queryEmbedder = embedder }: LateInteractionOptions = {},
): Reranker<'logit' | 'similarity'> {
  if (head) checkHead(head);
  const meets =
    (!head?.features.includes('cosine') || queryEmbedder.dimensions === embedder.dimensions) &&
    queryEmbedder.tokenDimensions === embedder.tokenDimensions;
  if (!meets) {
    throw new ResiftError(
      'invalid_config',
      `The vectors of ${queryEmbedder.id} and ${embedder.id} have different dimensions, so they cannot meet.`,
    );
  }

  return createReranker<'logit' | 'similarity'>({
    id: `late-interaction(${embedder.id}${head ? `, ${head.features.join('+')}` : ''})`,
    scale: head ? 'logit' : 'similarity',
    async score(query, texts, options, documents) {
      const { signal } = options;
      const [asked, found] = await Promise.all([
        queryEmbedder.encode([query], 'query', options),
        stored ? stored(documents, { signal }) : texts.map(() => undefined),
      ]);
      const [encoding] = checked(queryEmbedder, asked.encodings, 1);
      if (!encoding) return { values: texts.map(() => undefined), usage: asked.usage };

      const kept = [...checked(embedder, found, texts.length)];
      const missing = kept.flatMap((known, i) => (known ? [] : [i]));
      const { encodings, usage } = await encodeAll(
        embedder,
        missing.map((i) => texts[i]!),
        spend(options, asked.usage.inputTokens),
      );
      for (const [place, i] of missing.entries()) kept[i] = encodings[place];

      const read = featureReader(head?.features ?? ['maxsim'], query, encoding, lexicon);
      const values = new Array<number | undefined>(texts.length).fill(undefined);
      await nextTurn();
      const breathe = breaths();
      for (const [i, document] of kept.entries()) {
        if (!document) continue;
        const features = read(texts[i]!, document);
        values[i] = head ? headLogit(head, features) : features[0];
        await breathe();
        signal?.throwIfAborted();
      }
      return { values, usage: addUsage(addUsage(noUsage, asked.usage), usage), cacheHits: texts.length - missing.length };
    },
  });
}

async function encodeAll(embedder: TokenEmbedder, texts: readonly string[], options: CallOptions) {
  if (texts.length === 0) return { encodings: [], usage: {} };
  const { encodings, usage } = await embedder.encode(texts, 'document', options);
  return { encodings: checked(embedder, encodings, texts.length), usage };
}

/** The budget is one for the whole call: what the query took is gone. */
function spend(options: CallOptions, tokens = 0): CallOptions {
  const { signal, tokenBudget } = options;
  return { signal, tokenBudget: tokenBudget === undefined ? undefined : Math.max(0, tokenBudget - tokens) };
}

function checked(embedder: TokenEmbedder, encodings: readonly (TextEncoding | undefined)[], expected: number) {
  if (encodings.length !== expected) {
    throw new ResiftError('bad_output', `${embedder.id} gave ${encodings.length} encodings for ${expected} texts.`);
  }
  for (const encoding of encodings) {
    if (!encoding || (encoding.tokens.dimensions === embedder.tokenDimensions && encoding.sentence.length === embedder.dimensions))
      continue;
    throw new ResiftError(
      'invalid_config',
      `Expected vectors of ${embedder.dimensions} and ${embedder.tokenDimensions} dimensions of ${embedder.id}, got ${encoding.sentence.length} and ${encoding.tokens.dimensions}: encode the stored documents again.`,
    );
  }
  return encodings;
}
