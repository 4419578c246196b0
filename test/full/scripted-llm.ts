import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readAll } from 'node:stream/consumers';

export interface ScriptedLlm {
  readonly url: string;
  /** Rankings asked for so far. */
  readonly calls: () => number;
  close(): Promise<void>;
}

interface Message {
  readonly content: string;
}

/**
 * An OpenAI-compatible server whose model is no model: asked to rank passages (RankGPT), it puts the one that answers the query first and leaves the rest as shown, then swaps
 * a share of the places with random others.
 */
export async function scriptedLlm(answers: ReadonlyMap<string, string>, swaps: number, random: () => number): Promise<ScriptedLlm> {
  let calls = 0;
  const server = createServer(async (request, response) => {
    const { messages } = JSON.parse(await readAll(request)) as { messages: Message[] };
    calls += 1;
    const delta = { content: order(messages, answers, swaps, random) };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls: () => calls,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

function order(messages: readonly Message[], answers: ReadonlyMap<string, string>, swaps: number, random: () => number): string {
  const query = /^Search Query: (.*)\. $/m.exec(messages.at(-1)!.content)![1]!;
  const passages = messages.flatMap(
    ({ content }) => (/^\[(\d+)\] ([\s\S]*)$/.exec(content)?.slice(1, 3) as [string, string] | undefined) ?? [],
  );
  const shown: { number: string; text: string }[] = [];
  for (let i = 0; i < passages.length; i += 2) shown.push({ number: passages[i]!, text: plain(passages[i + 1]!) });
  const answer = plain(answers.get(query) ?? '');
  const isAnswer = ({ text }: { text: string }) => text !== '' && answer.startsWith(text.slice(0, 300));
  const ranked = [...shown.filter(isAnswer), ...shown.filter((passage) => !isAnswer(passage))];
  for (let i = 0; i < ranked.length; i += 1) {
    if (random() >= swaps) continue;
    const j = Math.floor(random() * ranked.length);
    [ranked[i], ranked[j]] = [ranked[j]!, ranked[i]!];
  }
  return ranked.map(({ number }) => `[${number}]`).join(' > ');
}

const plain = (text: string) => text.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim();
