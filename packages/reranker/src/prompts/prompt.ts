import type { ChatMessage } from '@resift/core';

/** A prompt as data. In every `content`, `{name}` stands for a value; what a value contains is never read as a placeholder. */
export interface Prompt {
  readonly id: string;
  readonly before?: readonly ChatMessage[] | undefined;
  /** Once for each passage, with `{rank}` (from 1), `{letter}` (from A) and `{passage}`. */
  readonly perPassage?: readonly ChatMessage[] | undefined;
  /** How a passage is written where `{passages}` stands for all of them, one below the other. */
  readonly passage?: string | undefined;
  readonly after: readonly ChatMessage[];
}

/** Writes the messages of a prompt for these passages. */
export function renderPrompt(prompt: Prompt, values: Readonly<Record<string, string>>, passages: readonly string[]): ChatMessage[] {
  const each = passages.map((passage, i) => ({ ...values, rank: String(i + 1), letter: letterOf(i), passage }));
  const all = { ...values, num: String(passages.length), passages: each.map((one) => fill(prompt.passage ?? '', one)).join('\n') };
  const write = (messages: readonly ChatMessage[], known: Readonly<Record<string, string>>) =>
    messages.map(({ role, content }) => ({ role, content: fill(content, known) }));
  return [...write(prompt.before ?? [], all), ...each.flatMap((one) => write(prompt.perPassage ?? [], one)), ...write(prompt.after, all)];
}

/** A, B, C, … */
export function letterOf(position: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + position);
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
