import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ChatMessage } from '@resift/core';
import type { Citation, Source } from '@resift/rag';
import { citationBody } from '../answer-schemas.ts';
import type { AppEnv } from '../app-env.ts';
import type { AppParts } from '../app-parts.ts';
import { chatFields } from '../chat-fields.ts';
import { type ChatRun, startChat } from '../chat-run.ts';
import { errorResponses } from '../error-responses.ts';
import { failureOf } from '../errors.ts';
import { firstWords } from '../first-words.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { createRouter } from '../router.ts';
import { type Frame, sse } from '../sse.ts';

/** `POST /v1/chat/ui`: the AI SDK's UI message stream v1, so that `useChat` works unchanged. */
export function chatUiRoutes(parts: AppParts): OpenAPIHono<AppEnv> {
  const { limits } = parts.config;
  const { messages: _, ...fields } = chatFields(limits);
  // What useChat's transport adds by itself (id, trigger, messageId) is let through; parts of other kinds carry no question.
  const UiMessage = z.object({
    id: z.string().optional(),
    role: z.enum(['system', 'user', 'assistant']),
    parts: z.array(z.looseObject({ type: z.string() })).max(1_000),
  });
  const route = createRoute({
    method: 'post',
    path: '/v1/chat/ui',
    summary: 'Answer as an AI SDK UI message stream',
    description:
      'Use it with `new DefaultChatTransport({ api: "/v1/chat/ui" })`. Sources are `source-document` parts, quotes are `data-citation`.',
    middleware: [jsonBody(limits.jsonBytes)] as const,
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z
              .strictObject({
                ...fields,
                messages: z.array(UiMessage).min(1).max(limits.messages),
                id: z.string().optional(),
                trigger: z.string().optional(),
                messageId: z.string().optional(),
                nativeCitations: z
                  .boolean()
                  .default(false)
                  .openapi({ description: 'Put citations into `text-end`, too (AI SDK 7; version 6 refuses them).' }),
              })
              .openapi('ChatUiRequest'),
          },
        },
      },
    },
    responses: {
      200: { description: 'The stream.', content: { 'text/event-stream': { schema: z.string() } } },
      ...errorResponses([400, 401, 404, 413, 415, 422, 429, 502, 503, 504]),
    },
  });

  const router = createRouter();
  router.openapi(route, async (c) => {
    const {
      messages,
      nativeCitations,
      top_n: topN,
      on_ungrounded: onUngrounded,
      id: _id,
      trigger: _trigger,
      messageId: _messageId,
      ...input
    } = c.req.valid('json');
    const run = await startChat(c, parts, { ...input, topN, onUngrounded, messages: messages.map(plainMessage) });
    const events = await firstWords(run.events);
    const onError = (error: unknown): Frame[] => [chunk({ type: 'error', errorText: failureOf(error).message }), DONE];
    return sse(c, chunks(run, events, nativeCitations), { limits, onError, headers: { 'x-vercel-ai-ui-message-stream': 'v1' } });
  });
  return router;
}

function plainMessage({ role, parts }: { role: ChatMessage['role']; parts: readonly { type: string; text?: unknown }[] }): ChatMessage {
  const texts = parts.flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : []));
  return { role, content: texts.join('\n') };
}

const chunk = (part: object): Frame => ({ data: JSON.stringify(part) });
const DONE: Frame = { data: '[DONE]' };
const TEXT_ID = 'answer';

/** Sources first, under the ids that citations name, so that a page can show them before the first word. */
async function* chunks(run: ChatRun, events: ChatRun['events'], nativeCitations: boolean): AsyncGenerator<Frame> {
  const { sources, rerank, retrieval } = run.sources;
  const byId = new Map(sources.map((source) => [source.id, source]));
  yield chunk({ type: 'start', messageId: run.id });
  yield chunk({ type: 'start-step' });
  for (const source of sources)
    yield chunk({ type: 'source-document', sourceId: source.id, mediaType: 'text/plain', title: titleOf(source) });
  const scores = sources.map(({ id, documentId, score, scale, label, firstStage }) => ({
    id,
    document_id: documentId,
    score,
    scale,
    label,
    first_stage: firstStage,
  }));
  yield chunk({ type: 'data-rerank', data: { ...rerank, retrieval, sources: scores } });
  yield chunk({ type: 'text-start', id: TEXT_ID });
  for await (const event of events) {
    if (event.type === 'delta') yield chunk({ type: 'text-delta', id: TEXT_ID, delta: event.text });
    if (event.type === 'citation') yield chunk({ type: 'data-citation', data: citationBody(event.citation) });
    if (event.type !== 'done') continue;
    const citations = nativeCitations && { citations: event.citations.map((citation) => nativeCitation(citation, byId)) };
    yield chunk({ type: 'text-end', id: TEXT_ID, ...citations });
    yield chunk({ type: 'finish-step' });
    yield chunk({
      type: 'finish',
      finishReason: 'stop',
      messageMetadata: { abstained: event.abstained, usage: event.usage, groundedness: event.groundedness },
    });
  }
  yield DONE;
}

const titleOf = ({ documentId, passage }: Source) => passage.title ?? documentId;

function nativeCitation({ source, start, end, quote }: Citation, sources: ReadonlyMap<string, Source>) {
  const cited = sources.get(source);
  const title = cited ? titleOf(cited) : source;
  return {
    source: { type: 'source', sourceType: 'document', id: source, mediaType: 'text/plain', title },
    startIndex: start,
    endIndex: end,
    citedText: quote,
  };
}
