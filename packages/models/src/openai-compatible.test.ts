import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ChatMessage, complete, isResiftError } from '@resift/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenaiCompatibleOptions, openaiCompatible } from './openai-compatible.ts';

type Handler = (response: ServerResponse, request: IncomingMessage, body: string) => void;

let handler: Handler;
let closed: Promise<void>;
const server = createServer((request, response) => {
  closed = new Promise((resolve) => response.on('close', resolve));
  let body = '';
  request.on('data', (piece) => {
    body += piece;
  });
  request.on('end', () => handler(response, request, body));
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(
  () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
);

const messages: ChatMessage[] = [{ role: 'user', content: 'Hi?' }];
const KEY = 'sk-secret-0123456789';
const model = (options: Partial<OpenaiCompatibleOptions> = {}) =>
  openaiCompatible({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, model: 'm', key: KEY, ...options });

const chunk = (content: string | null, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: finish }], usage: null })}\n\n`;
const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 2 }, obfuscation: 'x' })}\n\n`;
const whole = `${chunk('Hé')}${chunk('llo 😀')}${chunk(null, 'stop')}${usage}data: [DONE]\n\n`;

function stream(text: string | Uint8Array, end: 'end' | 'destroy' | 'stall' = 'end'): Handler {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => {
      if (end === 'end') response.end();
      else if (end === 'destroy') response.destroy();
    });
    if (text.length === 0) response.flushHeaders();
  };
}

const failing = async (options: Partial<OpenaiCompatibleOptions> = {}) => {
  let text = '';
  try {
    for await (const piece of model(options).stream(messages)) text += piece.text;
  } catch (error) {
    return { error, text };
  }
  throw new Error(`Expected a failure, got ${JSON.stringify(text)}.`);
};

it('streams an answer with its usage, and sends what the protocol asks for', async () => {
  let seen: { url?: string | undefined; authorization?: string | undefined; body: unknown } | undefined;
  handler = (response, request, body) => {
    seen = { url: request.url, authorization: request.headers.authorization, body: JSON.parse(body) };
    stream(whole)(response, request, body);
  };
  const answer = await complete(model({ body: { temperature: 0 } }), messages);
  expect(answer).toEqual({ text: 'Héllo 😀', usage: { calls: 1, inputTokens: 9, outputTokens: 2 } });
  expect(seen).toEqual({
    url: '/v1/chat/completions',
    authorization: `Bearer ${KEY}`,
    body: { model: 'm', messages, stream: true, stream_options: { include_usage: true }, temperature: 0 },
  });
});

it('never takes a stream that is cut for whole, at whichever byte', async () => {
  const bytes = Buffer.from(whole);
  const end = bytes.length - '\n\n'.length; // from here on [DONE] was said
  for (let at = 0; at <= bytes.length; at += 1) {
    for (const how of ['end', 'destroy'] as const) {
      handler = stream(bytes.subarray(0, at), how);
      const result = await complete(model(), messages).then(
        ({ text }) => text,
        (error: unknown) => (isResiftError(error) ? error.details['reason'] : error),
      );
      if (at < end) expect([at, how, result]).toEqual([at, how, 'upstream_truncated']);
      else if (how === 'end') expect([at, result]).toEqual([at, 'Héllo 😀']);
    }
  }
});

it('reads a stream whose bytes come one at a time', async () => {
  handler = async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const byte of Buffer.from(whole)) await new Promise((resolve) => response.write(Uint8Array.of(byte), resolve));
    response.end();
  };
  expect((await complete(model(), messages)).text).toBe('Héllo 😀');
});

it('wants [DONE], unless told that this server does without', async () => {
  handler = stream(chunk('all') + chunk(null, 'stop'));
  expect((await failing()).error).toMatchObject({ details: { reason: 'upstream_truncated' } });
  expect((await complete(model({ endWithoutDone: true }), messages)).text).toBe('all');
  handler = stream(chunk('half'));
  expect((await failing({ endWithoutDone: true })).error).toMatchObject({ details: { reason: 'upstream_truncated' } });
});

it('takes an answer in one piece from a server that does not stream', async () => {
  handler = (response) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: 'whole' }, finish_reason: 'stop' }] }));
  };
  expect((await complete(model(), messages)).text).toBe('whole');
});

it('gives what came before an error in mid-stream, then the error, without the key', async () => {
  handler = stream(`${chunk('par')}data: {"error":{"message":"backend of ${KEY} died","code":500}}\n\n${chunk('tial')}`);
  const { error, text } = await failing();
  expect(text).toBe('par');
  expect(error).toMatchObject({ code: 'unavailable', details: { reason: 'upstream_error' } });
  expect((error as Error).message).toBe('The chat server reported an error: backend of [key] died');
  handler = stream('data: {"error":{"message":"slow down","type":"rate_limit_exceeded"}}\n\n');
  expect((await failing()).error).toMatchObject({ code: 'rate_limited' });
});

it.each([
  ['no JSON', 'data: {"choices"\n\n'],
  ['another form', 'data: {"choices":[{"delta":{"content":7}}]}\n\n'],
  ['an answer that its filter stopped', chunk('bad') + chunk(null, 'content_filter')],
])('refuses %s', async (_, body) => {
  handler = stream(`${body}data: [DONE]\n\n`);
  expect((await failing()).error).toMatchObject({ code: 'bad_output', details: { reason: 'bad_response' } });
});

it('skips chunks without choices or content, and other choices', async () => {
  handler = stream(
    `: ping\n\ndata: {"choices":[]}\n\ndata: {}\n\ndata: {"choices":[{"index":1,"delta":{"content":"other"}}]}\n\n${chunk(null)}${whole}`,
  );
  expect((await complete(model(), messages)).text).toBe('Héllo 😀');
});

it.each([
  [401, 'invalid_config', 'refused the key'],
  [404, 'invalid_config', 'no such model'],
  [400, 'input_too_long', 'maximum context length is 4096 tokens'],
  [413, 'input_too_long', ''],
  [429, 'rate_limited', 'quota'],
  [500, 'unavailable', 'oops'],
  [504, 'timeout', ''],
])('says what HTTP %i means', async (status, code, said) => {
  handler = (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '2' });
    response.end(JSON.stringify({ error: { message: `${said} (key ${KEY})` } }));
  };
  const { error } = await failing();
  expect(error).toMatchObject({ code, details: { status } });
  expect((error as Error).message).toContain(said);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(KEY);
  if (status === 429) expect(error).toMatchObject({ details: { retryAfterMs: 2000 } });
});

it('says that a server cannot be reached, and follows no redirect', async () => {
  expect((await failing({ url: 'http://127.0.0.1:9' })).error).toMatchObject({ code: 'unavailable' });
  handler = (response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end();
  expect((await failing()).error).toMatchObject({ code: 'unavailable' });
});

it.each([
  ['connect', { connectMs: 60 }, () => {}],
  ['first token', { firstTokenMs: 60 }, stream(chunk(null), 'stall')],
  ['idle', { idleMs: 60 }, stream(chunk('a'), 'stall')],
  ['total', { totalMs: 60 }, stream(chunk('a'), 'stall')],
] as [string, OpenaiCompatibleOptions['timeouts'], Handler][])(
  'gives up and closes the connection when a limit passes: %s',
  async (stage, timeouts, slow) => {
    handler = slow;
    expect((await failing({ timeouts })).error).toMatchObject({ code: 'timeout', details: { stage } });
    await closed;
  },
);

it('ends with the reason of the signal, and closes the connection', async () => {
  handler = stream(chunk('a'), 'stall');
  const controller = new AbortController();
  const reason = new Error('the user left');
  const reading = (async () => {
    for await (const _ of model().stream(messages, { signal: controller.signal })) controller.abort(reason);
  })();
  await expect(reading).rejects.toBe(reason);
  await closed;
  await expect(complete(model(), messages, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

it('closes the connection when its reader stops reading', async () => {
  handler = stream(chunk('a'), 'stall');
  for await (const _ of model().stream(messages)) break;
  await closed;
});

it('reads no more than its limit', async () => {
  handler = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const more = () => response.write(`: ${'x'.repeat(50_000)}\n`, (error) => error ?? setImmediate(more));
    more();
  };
  expect((await failing({ maxResponseBytes: 200_000 })).error).toMatchObject({ code: 'bad_output' });
  await closed;
});

it('refuses a budget that the messages exceed, and no messages', async () => {
  await expect(complete(model(), messages, { tokenBudget: 0 })).rejects.toMatchObject({ code: 'over_budget' });
  await expect(complete(model(), [])).rejects.toMatchObject({ code: 'invalid_input' });
});

it.each(['not a url', 'ftp://host/v1', 'http://user:secret@host/v1', ''])('refuses the URL %j, without quoting it', (url) => {
  expect(() => model({ url })).toThrow(/like "http:\/\/localhost:11434\/v1", without a password\.$/);
});

it('refuses a key that is no header, without quoting it', () => {
  const key = 'sk-secret\nx: y';
  expect(() => model({ key })).toThrow(expect.not.objectContaining({ message: expect.stringContaining('secret') }));
});

it.each([
  ['http://h', '/v1/chat/completions'],
  ['http://h/', '/v1/chat/completions'],
  ['http://h/v1/', '/v1/chat/completions'],
  ['http://h/v1beta/openai', '/v1beta/openai/chat/completions'],
  ['http://h/v1/chat/completions', '/v1/chat/completions'],
])('completes the URL %s', async (url, path) => {
  const { port } = server.address() as AddressInfo;
  let seen: string | undefined;
  handler = (response, request, body) => {
    seen = request.url;
    stream(whole)(response, request, body);
  };
  await complete(model({ url: url.replace('http://h', `http://127.0.0.1:${port}`) }), messages);
  expect(seen).toBe(path);
});
