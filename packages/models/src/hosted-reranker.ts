import { addUsage, createReranker, type Document, noUsage, type Reranker, ResiftError, type Scale, type Usage } from '@resift/core';
import { z } from 'zod';
import { type HostedFetchOptions, hostedFetch } from './hosted-fetch.ts';

/** What every provider's reranker takes. */
export interface HostedOptions extends Pick<HostedFetchOptions, 'timeoutMs' | 'maxResponseBytes' | 'breakAfter' | 'breakMs'> {
  readonly model: string;
  /** It appears in no error. */
  readonly key?: string | undefined;
  /** Of the server, where it is not the provider's own. */
  readonly url?: string | undefined;
  /** Most documents of one request; more are split and merged. Default: the provider's limit. */
  readonly maxDocuments?: number | undefined;
  /** Requests at once. Default 4. */
  readonly concurrency?: number | undefined;
  /** Further fields of the request. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/** What a provider's file says. */
export interface Provider<S extends Scale> {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly scale: S;
  readonly maxDocuments: number;
  request(query: string, texts: readonly string[], documents: readonly Document[]): object;
}

const scored = z.object({ index: z.int().nonnegative(), relevance_score: z.number().optional(), score: z.number().optional() });
const usage = z.object({ total_tokens: z.number().nonnegative(), prompt_tokens: z.number().nonnegative() }).partial();
const reply = z.union([
  z.array(scored).transform((results) => ({ results, data: undefined, usage: undefined, meta: undefined })),
  z.object({
    results: z.array(scored).optional(),
    data: z.array(scored).optional(),
    usage: usage.nullish(),
    meta: z.object({ tokens: z.object({ input_tokens: z.number().nonnegative() }).partial().nullish() }).nullish(),
  }),
]);
type Reply = z.infer<typeof reply>;

/**
 * A reranker behind HTTP. Documents are split over requests and merged by index; a reply that leaves one out, names one twice or is no finite number is `bad_output`. A text of white space alone is not
 * sent, since some servers refuse the whole request for it; it comes back in `skipped`. A token budget is kept by an estimate, a third of the bytes.
 */
export function hostedReranker<S extends Scale>(provider: Provider<S>, options: HostedOptions): Reranker<S> {
  const { name, scale } = provider;
  const { key, model, maxDocuments = provider.maxDocuments, concurrency = 4 } = options;
  for (const [option, value] of Object.entries({ maxDocuments, concurrency })) {
    if (!Number.isInteger(value) || value < 1)
      throw new ResiftError('invalid_config', `Expected \`${option}\` of 1 or more, got ${value}.`);
  }
  if (typeof model !== 'string' || model === '')
    throw new ResiftError('invalid_config', `Expected the name of a model of ${name}, got ${JSON.stringify(model)}.`);
  const client = hostedFetch({ ...options, name, url: provider.url, headers: provider.headers, secrets: key ? [key] : [] });
  const id = `${name}(${model})`;

  return createReranker({
    id,
    scale,
    async score(query, texts, { signal, tokenBudget = Infinity }, documents) {
      const sent = affordable(query, texts, tokenBudget);
      const batches = Array.from({ length: Math.ceil(sent.length / maxDocuments) }, (_, i) =>
        sent.slice(i * maxDocuments, (i + 1) * maxDocuments),
      );
      const values = Array.from<number | undefined>({ length: texts.length });
      let spent: Usage = noUsage;

      await inLanes(batches, concurrency, async (batch) => {
        const body = {
          ...provider.request(
            query,
            batch.map((i) => texts[i]!),
            batch.map((i) => documents[i]!),
          ),
          ...options.body,
        };
        const answer = await client.post(body, reply, signal);
        for (const [place, value] of valuesIn(answer, batch.length, id).entries()) values[batch[place]!] = value;
        const inputTokens = answer.usage?.total_tokens ?? answer.usage?.prompt_tokens ?? answer.meta?.tokens?.input_tokens;
        spent = addUsage(spent, { calls: 1, inputTokens: inputTokens ?? batch.reduce((sum, i) => sum + estimate(query, texts[i]!), 0) });
      });
      return { values, usage: spent };
    },
  });
}

function valuesIn({ results, data }: Reply, expected: number, id: string): number[] {
  const wrong = (what: string) =>
    new ResiftError('bad_output', `${id} gave ${what} for ${expected} documents.`, { details: { reason: 'bad_response' } });
  const list = results ?? data;
  if (!list) throw wrong('neither results nor data');
  if (list.length !== expected) throw wrong(`${list.length} scores`);
  const values = Array.from<number | undefined>({ length: expected });
  for (const { index, relevance_score, score } of list) {
    const value = relevance_score ?? score;
    if (index >= expected || values[index] !== undefined) throw wrong(`a wrong or repeated index ${index}`);
    if (value === undefined) throw wrong('no score');
    values[index] = value;
  }
  return values as number[];
}

const estimate = (query: string, text: string) => Math.ceil((Buffer.byteLength(query) + Buffer.byteLength(text)) / 3);

/** Positions of the texts that are sent: not blank, and within the budget from the front. */
function affordable(query: string, texts: readonly string[], budget: number): number[] {
  const sent: number[] = [];
  let left = budget;
  for (const [i, text] of texts.entries()) {
    if (text.trim() === '') continue;
    left -= estimate(query, text);
    if (left < 0) break;
    sent.push(i);
  }
  return sent;
}

/** The first failure stops what has not begun. */
async function inLanes<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async () => {
    while (next < items.length && !failed) {
      await work(items[next++]!).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
}

/** `base` with `path` behind it, whether or not `base` already ends with all or part of it. */
export function endpointOf(base: string, path: string): string {
  const trimmed = base.replace(/\/+$/, '');
  const parts = path.split('/').filter(Boolean);
  for (let known = parts.length; known > 0; known--) {
    const head = `/${parts.slice(0, known).join('/')}`;
    if (trimmed.endsWith(head)) return trimmed + path.slice(head.length);
  }
  return trimmed + path;
}

/** `authorization: Bearer …`, or nothing without a key. */
export function bearer(key: string | undefined): Record<string, string> {
  return key ? { authorization: `Bearer ${key}` } : {};
}
