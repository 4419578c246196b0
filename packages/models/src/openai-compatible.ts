import { type ChatChunk, type ChatMessage, type ChatModel, ResiftError, untilAborted } from '@resift/core';
import { z } from 'zod';
import { type Deadlines, startDeadlines } from './internal/deadlines.ts';
import { httpFailure, upstreamError } from './internal/openai-errors.ts';
import { sseData } from './internal/sse.ts';

/** In milliseconds. */
export interface ChatTimeouts {
  /** Until the response's headers. Default 10,000. */
  readonly connectMs?: number | undefined;
  /** From the request to the first piece of the answer. Default 10,000. */
  readonly firstTokenMs?: number | undefined;
  /** Between two pieces. Default 15,000. */
  readonly idleMs?: number | undefined;
  /** For the whole answer. Default 120,000. */
  readonly totalMs?: number | undefined;
}

export interface OpenaiCompatibleOptions {
  /** Of the server, e.g. 'http://localhost:11434/v1'; with or without '/v1' and '/chat/completions'. */
  readonly url: string;
  readonly model: string;
  /** Sent as a bearer token. It appears in no error. */
  readonly key?: string | undefined;
  /** What the model can read. Default 8,192. */
  readonly contextTokens?: number | undefined;
  readonly timeouts?: ChatTimeouts | undefined;
  /** Most bytes of a response. Default 4 MiB. */
  readonly maxResponseBytes?: number | undefined;
  /** Take a stream for whole that ends after a `finish_reason` but without the `[DONE]` of the protocol. Default false. */
  readonly endWithoutDone?: boolean | undefined;
  /** Further fields of the request, e.g. `{ temperature: 0, max_tokens: 500 }`. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A chat model behind the OpenAI chat-completions protocol (OpenAI, Ollama, vLLM, llama.cpp and others), streamed. Nothing is
 * retried. A stream that is cut is `unavailable` with the reason 'upstream_truncated', never a short answer.
 */
export function openaiCompatible(options: OpenaiCompatibleOptions): ChatModel {
  const { model, contextTokens = 8_192, timeouts = {}, maxResponseBytes = 4 * 1024 * 1024 } = options;
  const { connectMs = 10_000, firstTokenMs = 10_000, idleMs = 15_000, totalMs = 120_000 } = timeouts;
  const url = endpoint(options.url);
  const headers = headersOf(options.key);
  const id = `${model}@${url.host}`;
  const redact = (text: string) => (options.key ? text.replaceAll(options.key, '[key]') : text);

  async function request(messages: readonly ChatMessage[], { signal }: Deadlines): Promise<Response> {
    const body = JSON.stringify({ model, messages, stream: true, stream_options: { include_usage: true }, ...options.body });
    try {
      // No redirect: the key is for this server.
      return await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw new ResiftError('unavailable', `Cannot reach the chat server at ${url.origin}.`, { cause, details: { reason: 'unavailable' } });
    }
  }

  async function* bytesOf(response: Response, { signal }: Deadlines): AsyncGenerator<Uint8Array> {
    const reader = response.body?.getReader();
    if (!reader) return;
    for (let total = 0; ; ) {
      const { done, value } = await untilAborted(reader.read(), signal).catch((cause) => {
        if (signal.aborted) throw signal.reason;
        throw truncated(cause);
      });
      if (done) return;
      total += value.byteLength;
      if (total > maxResponseBytes) {
        throw new ResiftError('bad_output', `The chat server sent more than ${maxResponseBytes} bytes.`, { details: { maxResponseBytes } });
      }
      yield value;
    }
  }

  async function* answerOf(response: Response, deadlines: Deadlines): AsyncGenerator<ChatChunk> {
    let finished = false;
    for await (const event of sseData(bytesOf(response, deadlines))) {
      const data = 'data' in event ? event.data : event.rest;
      if (data.trim() === '[DONE]') return;
      if (!('data' in event)) break;
      if (data.trim() === '') continue;
      const { text, usage, finish } = readChunk(data);
      finished ||= finish !== undefined;
      // An empty first chunk carries only the role: the model has not begun.
      if (text !== '' || finished) deadlines.stage('idle', idleMs);
      if (text !== '' || usage) yield { text, ...(usage && { usage }) };
    }
    if (!(finished && options.endWithoutDone)) throw truncated();
  }

  /** Some servers answer in one piece although a stream was asked for. */
  async function* wholeAnswer(response: Response, deadlines: Deadlines): AsyncGenerator<ChatChunk> {
    const pieces: Uint8Array[] = [];
    for await (const piece of bytesOf(response, deadlines)) pieces.push(piece);
    const { text, usage } = readChunk(Buffer.concat(pieces).toString('utf8'));
    yield { text, ...(usage && { usage }) };
  }

  function readChunk(data: string) {
    let json: unknown;
    try {
      json = JSON.parse(data);
    } catch (cause) {
      throw badResponse('what is not JSON', cause);
    }
    if (typeof json === 'object' && json !== null && 'error' in json && json.error) throw upstreamError(json.error, redact);
    const parsed = chunkSchema.safeParse(json);
    if (!parsed.success) throw badResponse('a chunk of another form', parsed.error);
    const { choices, usage } = parsed.data;
    const choice = choices?.find(({ index }) => (index ?? 0) === 0);
    if (choice?.finish_reason === 'content_filter') throw badResponse('the start of an answer and stopped it by its content filter');
    return {
      text: (choice?.delta ?? choice?.message)?.content ?? '',
      finish: choice?.finish_reason ?? undefined,
      usage: usage ? { calls: 1, inputTokens: usage.prompt_tokens ?? 0, outputTokens: usage.completion_tokens ?? 0 } : undefined,
    };
  }

  return {
    id,
    contextTokens,
    async *stream(messages, { signal, tokenBudget } = {}) {
      signal?.throwIfAborted();
      checkBudget(messages, tokenBudget);
      const deadlines = startDeadlines(totalMs, signal, 'The chat server');
      try {
        deadlines.stage('connect', Math.min(connectMs, firstTokenMs));
        const began = performance.now();
        const response = await request(messages, deadlines);
        deadlines.stage('first token', Math.max(1, firstTokenMs - (performance.now() - began)));
        if (!response.ok) throw await httpFailure(response, bytesOf(response, deadlines), redact);
        const streamed = !response.headers.get('content-type')?.includes('application/json');
        yield* streamed ? answerOf(response, deadlines) : wholeAnswer(response, deadlines);
      } catch (error) {
        // The caller's own reason, also where the abort showed itself as something else.
        throw deadlines.signal.aborted ? deadlines.signal.reason : error;
      } finally {
        deadlines.end();
      }
    },
  };
}

const message = z.object({ content: z.string().nullish() });
const chunkSchema = z.object({
  choices: z
    .array(
      z.object({ index: z.number().nullish(), delta: message.nullish(), message: message.nullish(), finish_reason: z.string().nullish() }),
    )
    .nullish(),
  usage: z.object({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() }).nullish(),
});

function endpoint(given: string): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password) {
    throw new ResiftError(
      'invalid_config',
      'Expected the URL of the chat server to be like "http://localhost:11434/v1", without a password.',
    );
  }
  const path = url.pathname.replace(/\/+$/, '');
  if (!path.endsWith('/chat/completions')) url.pathname = `${path || '/v1'}/chat/completions`;
  return url;
}

function headersOf(key: string | undefined): Record<string, string> {
  // An invalid header would be quoted, with the key, in the error that fetch throws.
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new ResiftError('invalid_config', 'Expected the key of the chat server to be visible ASCII characters without spaces.');
  }
  return {
    'content-type': 'application/json',
    accept: 'text/event-stream, application/json',
    'accept-encoding': 'identity',
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  };
}

/** The server's tokenizer is not known: three characters a token is more than any common one takes for English. */
function checkBudget(messages: readonly ChatMessage[], tokenBudget = Infinity) {
  if (messages.length === 0) throw new ResiftError('invalid_input', 'Expected at least one message.');
  const tokens = Math.ceil(messages.reduce((sum, { content }) => sum + content.length, 0) / 3);
  if (tokens <= tokenBudget) return;
  throw new ResiftError('over_budget', `The messages have about ${tokens} tokens, more than the ${tokenBudget} allowed.`, {
    details: { tokens, tokenBudget },
  });
}

function truncated(cause?: unknown) {
  return new ResiftError('unavailable', 'The chat server’s stream ended before the answer did: it is incomplete.', {
    cause,
    details: { reason: 'upstream_truncated' },
  });
}

function badResponse(what: string, cause?: unknown) {
  return new ResiftError('bad_output', `The chat server sent ${what}.`, { cause, details: { reason: 'bad_response' } });
}
