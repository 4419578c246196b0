import { randomBytes } from 'node:crypto';
import type { ChatMessage } from '@resift/core';
import { fill, NO_ANSWER, PROMPTS, type Prompts } from './prompts.ts';
import type { Source } from './source.ts';
import { visibleText } from './visible-text.ts';

export interface AnswerPromptInput {
  readonly question: string;
  /** Earlier turns, already cut to size. */
  readonly history: readonly ChatMessage[];
  readonly sources: readonly Source[];
  readonly unsupported?: readonly string[] | undefined;
  readonly prompts?: Prompts | undefined;
  /** A fresh 128-bit nonce in hex. For tests. */
  readonly nonce?: (() => string) | undefined;
}

/**
 * The messages that ask for a cited answer. Sources are labelled by number between tags that carry a nonce of this request,
 * which no source, title or turn contains, so that no text can close its own fence or open another (reliability I1);
 * they stand in the user's message, never in a system message, and hold no invisible characters.
 */
export function answerPrompt({
  question,
  history,
  sources,
  unsupported = [],
  prompts = PROMPTS,
  nonce = freshNonce,
}: AnswerPromptInput): ChatMessage[] {
  const material = [question, ...sources.flatMap(({ passage }) => [passage.text, passage.title ?? ''])].join('\n');
  let fence: string;
  do fence = `source-${nonce()}`;
  while (material.includes(fence.slice('source-'.length)));

  const asked = [
    ...sources.map((source, i) => renderSource(source, i + 1, fence)),
    fill(prompts.question, { question }),
    ...(unsupported.length > 0 ? [fill(prompts.retry, { sentences: unsupported.map((sentence) => `- ${sentence}`).join('\n') })] : []),
  ];
  return [
    { role: 'system', content: fill(prompts.system, { fence, noAnswer: NO_ANSWER }) },
    ...history,
    { role: 'user', content: asked.join('\n\n') },
  ];
}

const freshNonce = () => randomBytes(16).toString('hex');
/** As long as a real one, so that counting tokens before the nonce is known gives the right number. */
const FENCE_OF_TYPICAL_LENGTH = 'source-0123456789abcdef0123456789abcdef';

/** One source as the model sees it. */
export function renderSource({ passage }: Source, number: number, fence: string = FENCE_OF_TYPICAL_LENGTH): string {
  const title = visibleText(passage.title ?? '')
    .replace(/["<>\s]+/g, ' ')
    .trim();
  return `<${fence} number="${number}"${title && ` title="${title}"`}>\n${visibleText(passage.text)}\n</${fence}>`;
}
