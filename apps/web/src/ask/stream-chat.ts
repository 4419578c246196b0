import { createParser } from 'eventsource-parser';
import { ApiFailure, send } from '../session/api.ts';
import type { Answer, Citation, Passage, RerankInfo } from '../session/api-shapes.ts';

export type ChatEvent =
  | { readonly event: 'meta'; readonly id: string; readonly sources: readonly Passage[]; readonly rerank: RerankInfo }
  | { readonly event: 'delta'; readonly text: string }
  | ({ readonly event: 'citation' } & Citation)
  | ({ readonly event: 'done' } & Answer);

export interface ChatQuestion {
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: string }[];
  readonly collection: string;
}

/** `POST /v1/chat` as it comes. Ends after `done`; throws on `error`, and where the stream ends without either. */
export async function* streamChat(question: ChatQuestion, signal: AbortSignal): AsyncGenerator<ChatEvent> {
  const response = await send('/v1/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...question, stream: true }),
    signal,
  });
  const ready: { event: string; data: string }[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => ready.push({ event: event ?? 'message', data }) });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new ApiFailure(0, 'The answer was cut off before its end. Ask again.');
      parser.feed(value);
      for (const { event, data } of ready.splice(0)) {
        const body = JSON.parse(data) as object;
        if (event === 'error') throw new ApiFailure(0, (body as { message: string }).message);
        yield { event, ...body } as ChatEvent;
        if (event === 'done') return;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
