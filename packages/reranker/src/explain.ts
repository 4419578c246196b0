import { type CallOptions, ResiftError, type TextEncoding, type TokenEmbedder } from '@resift/core';
import { bestMatches } from './maxsim.ts';

/** Text between UTF-16 offsets `[start, end)`. */
export interface TokenSpan {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Where one token of the query found its best match. */
export interface TokenMatch {
  readonly query: TokenSpan;
  /** Missing where the text has no token. */
  readonly text?: TokenSpan;
  /** Dot product of the two vectors; their mean over the query's tokens is MaxSim. */
  readonly similarity: number;
  /** How much this token of the query counts, where the model says so. */
  readonly weight?: number;
}

/** Shows why late interaction scored a text as it did: for each token of the query its best token in the text. Needs an embedder that gives offsets. */
export async function explain(embedder: TokenEmbedder, query: string, text: string, options: CallOptions = {}): Promise<TokenMatch[]> {
  if (typeof query !== 'string' || typeof text !== 'string') {
    throw new ResiftError('invalid_input', `Expected the query and the text to be strings, got ${typeof query} and ${typeof text}.`);
  }
  const asked = await one(embedder, query, 'query', options);
  const read = await one(embedder, text, 'document', options);
  const best = new Float64Array(asked.tokens.count);
  const places = new Int32Array(asked.tokens.count);
  bestMatches(asked.tokens, read.tokens, best, places);

  return Array.from(best, (similarity, i) => {
    const place = places[i]!;
    return {
      query: span(embedder, query, asked, i),
      ...(place >= 0 && { text: span(embedder, text, read, place) }),
      similarity,
      ...(asked.tokens.weights && { weight: asked.tokens.weights[i]! }),
    };
  });
}

async function one(embedder: TokenEmbedder, text: string, kind: 'query' | 'document', options: CallOptions): Promise<TextEncoding> {
  const { encodings } = await embedder.encode([text], kind, options);
  if (encodings[0]) return encodings[0];
  throw new ResiftError('over_budget', `The token budget does not reach the ${kind}.`);
}

function span({ id }: TokenEmbedder, text: string, { tokens }: TextEncoding, token: number): TokenSpan {
  if (!tokens.offsets) throw new ResiftError('invalid_config', `${id} gives no offsets of its tokens, so its matches cannot be shown.`);
  const [start, end] = [tokens.offsets[2 * token]!, tokens.offsets[2 * token + 1]!];
  return { start, end, text: text.slice(start, end) };
}
