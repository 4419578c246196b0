import { addUsage, type ChatMessage, type ChatModel, complete, noUsage, ResiftError, type Usage } from '@resift/core';
import type { Prompt } from './prompts.ts';

export interface StructuredOptions {
  /** Further attempts after a reply that cannot be read. Default 2. Failures of the model itself are the model's to retry. */
  readonly retries?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a chat model for JSON and reads it. A reply of the wrong form is answered with what was wrong and asked again; when the attempts
 * are used up the call rejects with `bad_output`. The usage counts every attempt.
 */
export async function structured<T>(
  chat: ChatModel,
  prompt: Prompt,
  values: Readonly<Record<string, string>>,
  read: (reply: unknown) => T,
  { retries = 2, signal }: StructuredOptions = {},
): Promise<{ value: T; usage: Usage }> {
  const messages: ChatMessage[] = [
    { role: 'system', content: `${prompt.system}\nThe reply has this JSON schema: ${JSON.stringify(prompt.schema)}` },
    { role: 'user', content: fill(prompt.user, values) },
  ];
  let usage: Usage = noUsage;
  for (let attempt = 0; ; attempt += 1) {
    const reply = await complete(chat, messages, { signal });
    usage = addUsage(usage, { ...reply.usage, calls: reply.usage.calls ?? 1 });
    try {
      return { value: read(parse(reply.text)), usage };
    } catch (cause) {
      if (!(cause instanceof UnreadableReply)) throw cause;
      if (attempt === retries) {
        throw new ResiftError(
          'bad_output',
          `${chat.id} gave no readable judgement in ${attempt + 1} attempts (${prompt.id}): ${cause.message}`,
          {
            cause,
            details: { prompt: prompt.id, attempts: attempt + 1, usage },
          },
        );
      }
      messages.push(
        { role: 'assistant', content: reply.text },
        { role: 'user', content: `That cannot be read: ${cause.message} Reply again, with JSON of the schema only.` },
      );
    }
  }
}

/** Thrown by a reader when a reply has the wrong form; the message is shown to the model. */
export class UnreadableReply extends Error {
  override readonly name = 'UnreadableReply';
}

/** The fields of a JSON object, or an `UnreadableReply`. */
export function fields(reply: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof reply === 'object' && reply !== null && !Array.isArray(reply)) return reply as Record<string, unknown>;
  throw new UnreadableReply(`Expected ${what} to be a JSON object.`);
}

/** A list of the given length (any, where it is left out), or an `UnreadableReply`. */
export function items(value: unknown, what: string, length?: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new UnreadableReply(`Expected \`${what}\` to be a list.`);
  if (length !== undefined && value.length !== length) {
    throw new UnreadableReply(`Expected \`${what}\` to have ${length} entries, one for each statement in order, got ${value.length}.`);
  }
  return value;
}

/** 0 or 1 as a truth value (numbers, booleans, or "0", "1" as text), or an `UnreadableReply`. */
export function bit(value: unknown, what: string): boolean {
  if (value === 1 || value === true || value === '1') return true;
  if (value === 0 || value === false || value === '0') return false;
  throw new UnreadableReply(`Expected \`${what}\` to be 0 or 1.`);
}

/** A text, or an `UnreadableReply`. */
export function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new UnreadableReply(`Expected \`${what}\` to be a text.`);
}

/** Fills `{{name}}`; tags inside the values are defused so that no document can close its own. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new ResiftError('invalid_input', `The prompt needs a value for {{${name}}}.`);
    return value.replaceAll(/<(?=\/?(?:question|answer|context|statements)\b)/gi, '&lt;');
  });
}

/** The JSON value in a reply: after any reasoning block, inside or outside a code fence, from its first brace. */
function parse(reply: string): unknown {
  const said = reply.slice(reply.lastIndexOf('</think>') === -1 ? 0 : reply.lastIndexOf('</think>') + '</think>'.length);
  const start = said.indexOf('{');
  const end = said.lastIndexOf('}');
  if (start === -1) throw new UnreadableReply('There is no JSON object in it.');
  try {
    return JSON.parse(said.slice(start, end + 1));
  } catch (cause) {
    throw new UnreadableReply(`It is not valid JSON (${(cause as Error).message}).`);
  }
}
