import type { ChatMessage } from '@resift/core';
import { expect, it } from 'vitest';
import { chatRewrite, followUp } from './rewrite.ts';
import { scriptedChat } from './test/fakes.ts';

const talk = (...turns: string[]): ChatMessage[] =>
  turns.map((content, i) => ({ role: (turns.length - i) % 2 === 1 ? 'user' : 'assistant', content }));

it.each([
  ['And in 2019?', true],
  ['When was it released?', true],
  ['What about Vail?', true],
  ['Why?', true],
  ['Which films did Jim Carrey make in the nineties?', false],
  ['What is the capital of the state of Colorado in the United States, and does it have an airport of its own?', false],
])('%j leans on the question before it: %s', async (question, leans) => {
  const { query } = await followUp()(talk('How high is Aspen?', 'Very.', question), {});
  expect(query).toBe(leans ? `How high is Aspen? ${question}` : question);
});

it('has nothing to lean on in a first question', async () => {
  expect((await followUp()(talk('And it?'), {})).query).toBe('And it?');
});

it('lets a chat model write the question anew, only where there was a turn before', async () => {
  const chat = scriptedChat(['<think>x</think>', '\nHow high is Vail?\nExtra']);
  expect((await chatRewrite(chat)(talk('How high is Vail?'), {})).query).toBe('How high is Vail?');
  expect(chat.asked).toHaveLength(0);
  const { query, usage } = await chatRewrite(chat)(talk('How high is Aspen?', 'Very.', 'And Vail?'), {});
  expect(query).toBe('How high is Vail?');
  expect(usage.calls).toBe(1);
  expect(chat.asked[0]![0]!.content).toContain('assistant: Very.');
});
