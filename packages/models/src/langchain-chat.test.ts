import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { ChatGenerationChunk } from '@langchain/core/outputs';
import { FakeListChatModel, FakeStreamingChatModel } from '@langchain/core/utils/testing';
import { complete } from '@resift/core';
import { expect, it } from 'vitest';
import { langchainChat } from './langchain-chat.ts';

const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi?' },
  { role: 'assistant', content: 'Hello.' },
  { role: 'user', content: 'And?' },
] as const;

it('streams what a LangChain model streams', async () => {
  const model = langchainChat(new FakeListChatModel({ responses: ['a long answer'] }));
  const pieces: string[] = [];
  for await (const { text } of model.stream(messages)) pieces.push(text);
  expect(pieces.length).toBeGreaterThan(3);
  expect(pieces.join('')).toBe('a long answer');
  expect(model.id).toBe('FakeListChatModel');
});

it('passes roles on, adds up usage and keeps only text', async () => {
  let seen: readonly BaseMessage[] = [];
  class Watched extends FakeStreamingChatModel {
    override async *_streamResponseChunks(...args: Parameters<FakeStreamingChatModel['_streamResponseChunks']>) {
      seen = args[0];
      for (const message of this.chunks ?? []) yield new ChatGenerationChunk({ message, text: '' });
    }
  }
  const chunks = [
    new AIMessageChunk({
      content: [
        { type: 'reasoning', reasoning: 'hm' },
        { type: 'text', text: 'one ' },
      ] as never,
    }),
    new AIMessageChunk({ content: 'two', usage_metadata: { input_tokens: 7, output_tokens: 2, total_tokens: 9 } } as never),
  ];
  const answer = await complete(langchainChat(new Watched({ chunks })), messages);
  expect(answer).toEqual({ text: 'one two', usage: { calls: 1, inputTokens: 7, outputTokens: 2 } });
  expect(seen.map((message) => [message.getType(), message.content])).toEqual([
    ['system', 'Be brief.'],
    ['human', 'Hi?'],
    ['ai', 'Hello.'],
    ['human', 'And?'],
  ]);
});

it('turns a failure into one of ours', async () => {
  const model = langchainChat(new FakeStreamingChatModel({ thrownErrorString: 'boom', chunks: [new AIMessageChunk('x')] }));
  await expect(complete(model, messages)).rejects.toMatchObject({ code: 'unavailable', cause: { message: 'boom' } });
});

it('stops with the reason of the signal, even when the model hangs', async () => {
  const hanging = { getName: () => 'hanging', stream: () => new Promise(() => {}) } as unknown as BaseChatModel;
  const controller = new AbortController();
  const reason = new Error('left');
  const answer = complete(langchainChat(hanging), messages, { signal: controller.signal });
  controller.abort(reason);
  await expect(answer).rejects.toBe(reason);
  const slow = langchainChat(new FakeListChatModel({ responses: ['slow answer'], sleep: 5 }));
  const second = new AbortController();
  const reading = (async () => {
    for await (const _ of slow.stream(messages, { signal: second.signal })) second.abort(reason);
  })();
  await expect(reading).rejects.toBe(reason);
});
