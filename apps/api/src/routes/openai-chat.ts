import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ResiftError } from '@resift/core';
import { citationBody } from '../answer-schemas.ts';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { type Answer, type ChatRun, finishChat, startChat } from '../chat-run.ts';
import { errorResponses } from '../error-responses.ts';
import { errorBody } from '../error-shapes.ts';
import { failureOf } from '../errors.ts';
import { firstWords } from '../first-words.ts';
import { foundPassage } from '../found-schemas.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { questionFields } from '../question-fields.ts';
import { createRouter } from '../router.ts';
import { type Frame, sse } from '../sse.ts';

const PATH = '/v1/chat/completions';
const TextPart = z.object({ type: z.literal('text'), text: z.string() });

/** `POST /v1/chat/completions`, as OpenAI's. Sources, citations and rerank status are in the extra field `resift`. */
export function openaiChatRoutes(parts: AppParts): OpenAPIHono<AppEnv> {
  const { limits } = parts.config;
  const Settings = z
    .object({ ...questionFields(limits), top_n: z.int().min(1).max(20).default(5), generator: z.enum(['extractive', 'chat']).optional() })
    .openapi({ description: 'How passages are found: the fields of `/v1/chat`.' });
  const route = createRoute({
    method: 'post',
    path: PATH,
    summary: 'Answer from the documents (OpenAI chat completions)',
    description: 'Unknown fields are ignored, as in the original.',
    middleware: [jsonBody(limits.jsonBytes)] as const,
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z
              .object({
                model: z.string().min(1).max(200).openapi({ example: 'resift' }),
                messages: z
                  .array(
                    z.object({
                      role: z.enum(['system', 'developer', 'user', 'assistant']),
                      content: z.union([z.string(), z.array(TextPart)]),
                    }),
                  )
                  .min(1)
                  .max(limits.messages),
                stream: z.boolean().nullish(),
                stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
                resift: Settings.optional(),
              })
              .openapi('ChatCompletionRequest'),
          },
        },
      },
    },
    responses: {
      200: {
        description: 'A chat completion, or its chunks.',
        content: { 'application/json': { schema: z.record(z.string(), z.unknown()) }, 'text/event-stream': { schema: z.string() } },
      },
      ...errorResponses([400, 401, 404, 413, 429, 502, 503, 504], z.object({ error: z.object({ message: z.string() }) })),
    },
  });

  const router = createRouter();
  router.openapi(route, async (c) => {
    const { model, messages, stream, stream_options: streamOptions, resift } = c.req.valid('json');
    const { top_n: topN, ...settings } = resift ?? Settings.parse({});
    const preset = presetOf(parts, model) ?? settings.preset;
    const run = await startChat(c, parts, { ...settings, preset, topN, messages: messages.map(plainMessage) });
    const created = Math.floor(Date.now() / 1000);
    const head = { id: run.id.replace('chat-', 'chatcmpl-'), created, model };

    if (!stream) return c.json(completion(head, run, await finishChat(run)), 200);
    const onError = (error: unknown): Frame[] => [{ data: JSON.stringify(errorBody(PATH, failureOf(error), c.var.requestId)) }];
    const events = await firstWords(run.events);
    return sse(c, chunks(head, run, events, streamOptions?.include_usage === true), { limits, onError }) as never;
  });
  return router;
}

interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

function presetOf({ services, config }: AppParts, model: string): string | undefined {
  if (model === 'resift') return config.preset;
  const preset = model.replace(/^resift-/, '');
  if (model.startsWith('resift-') && services.presets.has(preset)) return preset;
  if (services.rerankers.has(model)) {
    throw new ResiftError('invalid_input', `${model} is a reranker and cannot chat. Expected resift, or resift-<preset>.`, {
      details: { field: 'model' },
    });
  }
  throw new ResiftError('not_found', `There is no model ${JSON.stringify(model.slice(0, 80))}. GET /v1/models lists them.`, {
    details: { field: 'model' },
  });
}

function plainMessage({ role, content }: { role: 'system' | 'developer' | 'user' | 'assistant'; content: string | { text: string }[] }) {
  return {
    role: role === 'developer' ? ('system' as const) : role,
    content: typeof content === 'string' ? content : content.map(({ text }) => text).join('\n'),
  };
}

const found = ({ sources: { sources, rerank, retrieval } }: ChatRun) => ({ sources: sources.map(foundPassage), rerank, retrieval });

const usageOf = ({ usage }: Answer) => ({
  prompt_tokens: usage.inputTokens,
  completion_tokens: usage.outputTokens,
  total_tokens: usage.inputTokens + usage.outputTokens,
});

const extras = (answer: Answer) => ({
  citations: answer.citations.map(citationBody),
  abstained: answer.abstained,
  ...(answer.groundedness !== undefined && { groundedness: answer.groundedness }),
});

const completion = (head: Head, run: ChatRun, answer: Answer) => ({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: answer.answer, refusal: null }, logprobs: null, finish_reason: 'stop' }],
  usage: usageOf(answer),
  resift: { ...found(run), ...extras(answer) },
});

/** The role once, in the first chunk, with the sources; `finish_reason` in the last; then the usage where asked for, and `[DONE]`. */
async function* chunks(head: Head, run: ChatRun, events: ChatRun['events'], includeUsage: boolean): AsyncGenerator<Frame> {
  const chunk = (delta: object, rest: object = {}, finish: string | null = null): Frame => ({
    data: JSON.stringify({
      ...head,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(includeUsage && { usage: null }),
      ...rest,
    }),
  });
  yield chunk({ role: 'assistant', content: '' }, { resift: found(run) });
  for await (const event of events) {
    if (event.type === 'delta') yield chunk({ content: event.text });
    if (event.type !== 'done') continue;
    yield chunk({}, { resift: extras(event) }, 'stop');
    if (includeUsage) yield { data: JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage: usageOf(event) }) };
  }
  yield { data: '[DONE]' };
}
