import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AnswerEvent } from '@resift/rag';
import { answerBody, citationBody, citationSchema } from '../answer-schemas.ts';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { chatFields } from '../chat-fields.ts';
import { type ChatRun, finishChat, startChat } from '../chat-run.ts';
import { errorResponses } from '../error-responses.ts';
import { failureOf } from '../errors.ts';
import { firstWords } from '../first-words.ts';
import { foundPassage, passageSchema, rerankInfoSchema, retrievalSchema, timingsSchema } from '../found-schemas.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { createRouter } from '../router.ts';
import { type Frame, sse } from '../sse.ts';

/** `POST /v1/chat`: a cited answer, whole or as server-sent events. */
export function chatRoutes(parts: AppParts): OpenAPIHono<AppEnv> {
  const { limits } = parts.config;
  const route = createRoute({
    method: 'post',
    path: '/v1/chat',
    summary: 'Answer from the documents, with citations',
    description:
      'With `stream: true`: server-sent events `meta` (sources, rerank, retrieval), `delta`, `citation`, then exactly one of `done` or `error`. A stream without either was cut off.',
    middleware: [jsonBody(limits.jsonBytes)] as const,
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z.strictObject({ ...chatFields(limits), stream: z.boolean().default(false) }).openapi('ChatRequest'),
          },
        },
      },
    },
    responses: {
      200: {
        description: 'The answer, the passages it was made from, and what reranking did.',
        content: {
          'application/json': {
            schema: z
              .object({
                id: z.string(),
                answer: z.string(),
                abstained: z.boolean(),
                citations: z.array(citationSchema),
                sources: z.array(passageSchema),
                rerank: rerankInfoSchema,
                retrieval: retrievalSchema,
                groundedness: z.unknown().optional(),
                usage: z.record(z.string(), z.number()),
                timings: timingsSchema,
              })
              .openapi('ChatResponse'),
          },
          'text/event-stream': { schema: z.string() },
        },
      },
      ...errorResponses([400, 401, 404, 413, 415, 422, 429, 502, 503, 504]),
    },
  });

  const router = createRouter();
  router.openapi(route, async (c) => {
    const { stream, top_n: topN, on_ungrounded: onUngrounded, ...input } = c.req.valid('json');
    const run = await startChat(c, parts, { ...input, topN, onUngrounded });
    if (!stream) return c.json({ ...meta(run), ...answerBody(await finishChat(run)) }, 200);

    const events = await firstWords(run.events);
    const error = (cause: unknown): Frame[] => {
      const { code, message, details, retryAfter } = failureOf(cause);
      const reason = details?.['reason'];
      const body = {
        code: reason === 'upstream_truncated' ? reason : code,
        message,
        retryable: retryAfter !== undefined,
        request_id: c.var.requestId,
      };
      return [frame('error', body)];
    };
    return sse(c, frames(run, events), { limits, onError: error }) as never;
  });
  return router;
}

const meta = ({ id, sources: { sources, rerank, retrieval } }: ChatRun) => ({ id, sources: sources.map(foundPassage), rerank, retrieval });

async function* frames(run: ChatRun, events: ChatRun['events']): AsyncGenerator<Frame> {
  yield frame('meta', meta(run));
  for await (const event of events) yield frameOf(run.id, event);
}

function frameOf(id: string, event: Exclude<AnswerEvent, { type: 'sources' }>): Frame {
  if (event.type === 'delta') return frame('delta', { text: event.text });
  if (event.type === 'citation') return frame('citation', citationBody(event.citation));
  return frame('done', { id, ...answerBody(event) });
}

const frame = (event: string, data: unknown): Frame => ({ event, data: JSON.stringify(data) });
