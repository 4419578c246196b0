import { randomUUID } from 'node:crypto';
import { type ChatMessage, type Filter, ResiftError } from '@resift/core';
import { type AnswerEvent, type AnswerOptions, answer, type Generator } from '@resift/rag';
import type { Context } from 'hono';
import { takeSeat } from './admission.ts';
import type { AppEnv } from './app-env.ts';
import type { AppParts } from './app-parts.ts';
import { ordersOf } from './lift-log.ts';
import { type PipelineChoice, reportRerank, searchParts } from './pipeline.ts';
import { checkQuestion } from './usable-text.ts';

export interface ChatInput extends PipelineChoice {
  readonly messages: readonly ChatMessage[];
  readonly topN: number;
  readonly generator?: 'extractive' | 'chat' | undefined;
  readonly onUngrounded?: AnswerOptions['onUngrounded'];
  readonly filter?: Filter | undefined;
}

/** The end of an answer. */
export type Answer = Extract<AnswerEvent, { type: 'done' }>;

/** An answer under way: its sources are known, its text is still coming. */
export interface ChatRun {
  readonly id: string;
  readonly sources: Extract<AnswerEvent, { type: 'sources' }>;
  /** What follows the sources; ends with exactly one `done`, or throws. */
  readonly events: AsyncGenerator<Exclude<AnswerEvent, { type: 'sources' }>>;
}

/** Most tokens of sources that a generator is given. */
const CONTEXT_TOKENS = 4_000;

/** Finds and reranks, then hands over to the generator. Everything that can go wrong before the first source throws here, so that it has a status. */
export async function startChat(c: Context<AppEnv>, parts: AppParts, input: ChatInput): Promise<ChatRun> {
  const { services, rates, config } = parts;
  const { work, tenant } = c.var;
  checkMessages(input.messages, config.limits);
  const generator = generatorOf(parts, input.generator);
  // A chat model elsewhere has limits of its own.
  const leave =
    generator === services.extractive
      ? await takeSeat(parts.answering, { waitMs: config.limits.answerQueueMs, signal: work.signal })
      : () => {};
  try {
    const search = await searchParts(c, parts, input);
    const events = answer(
      input.messages,
      {
        ...search,
        generator,
        tokenizer: services.tokenizer,
        ground: services.ground,
        limits: { ...search.limits, topN: input.topN, contextTokens: CONTEXT_TOKENS },
      },
      { filter: input.filter, onUngrounded: input.onUngrounded, signal: work.signal },
    );

    const first = await events.next();
    if (first.done || first.value.type !== 'sources') throw cutOff();
    const { sources, rerank } = first.value;
    const id = `chat-${randomUUID()}`;
    reportRerank(c, rerank);
    if (rerank.scored > 0) parts.lift.record(tenant, [c.var.requestId, id], ordersOf(sources));
    const charge = ({ usage }: Answer) => rates.charge(tenant, 'tokens', usage.inputTokens + usage.outputTokens);
    return { id, sources: first.value, events: checked(events, { onDone: charge, onEnd: leave }) };
  } catch (error) {
    leave();
    throw error;
  }
}

/** Everything at once, for a caller that does not stream. */
export async function finishChat(run: ChatRun): Promise<Answer> {
  for await (const event of run.events) if (event.type === 'done') return event;
  throw cutOff();
}

/** A stream that ends without `done` is a failure, never a short answer. */
async function* checked(
  events: AsyncIterable<AnswerEvent>,
  { onDone, onEnd }: { readonly onDone: (answer: Answer) => void; readonly onEnd: () => void },
): ChatRun['events'] {
  try {
    for await (const event of events) {
      if (event.type === 'sources') continue;
      if (event.type === 'done') {
        onEnd();
        onDone(event);
      }
      yield event;
      if (event.type === 'done') return;
    }
    throw cutOff();
  } finally {
    onEnd();
  }
}

const cutOff = () =>
  new ResiftError('unavailable', 'The answer was cut off before its end. Ask again.', { details: { reason: 'upstream_truncated' } });

function generatorOf({ services }: AppParts, name: ChatInput['generator']): Generator {
  if (name !== 'chat') return name === 'extractive' ? services.extractive : (services.chat ?? services.extractive);
  if (services.chat) return services.chat;
  throw new ResiftError(
    'invalid_input',
    'generator: no chat model is configured here. Set RESIFT_CHAT_URL and RESIFT_CHAT_MODEL, or ask for "extractive".',
    {
      details: { field: 'generator' },
    },
  );
}

function checkMessages(messages: readonly ChatMessage[], limits: { readonly queryCharacters: number }): void {
  const last = messages.length - 1;
  if (messages[last]?.role !== 'user') {
    throw new ResiftError('invalid_input', `messages[${last}].role: expected the last message to be the user's.`, {
      details: { field: `messages[${last}].role` },
    });
  }
  checkQuestion(messages[last].content, `messages[${last}].content`, limits);
}
