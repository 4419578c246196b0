import { createApp } from '@resift/api/app';
import { readConfig } from '@resift/api/config';
import { listen, type RunningServer } from '@resift/api/server';
import { FILMS } from '@resift/api/testing/client';
import { fakeServices, overlap } from '@resift/api/testing/fake-services';
import type { Generator } from '@resift/rag';
import { DefaultChatTransport, readUIMessageStream, type UIMessage } from 'ai';
import { CohereClient, CohereClientV2, CohereError } from 'cohere-ai';
import OpenAI, { APIError, BadRequestError, NotFoundError, RateLimitError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The official clients, as people use them, against the app on a loopback port. The models are fakes: shapes are tested here. */
const KEY = 'key-of-acme-0123456789';
const QUESTION = 'Where does Jim Carrey travel with his friend?';
let server: RunningServer;
let openai: OpenAI;

const broken: Generator = {
  id: 'broken',
  async *generate() {
    yield { text: 'It is in ' };
    throw new Error('cut');
  },
};

beforeAll(async () => {
  const config = readConfig({ PORT: '0', RESIFT_API_KEYS: `acme:${KEY},slow:slow-key` });
  const failing = { ...overlap('failing', 'probability'), rerank: async () => Promise.reject(new Error('boom')) };
  const services = fakeServices({ chat: broken });
  const app = createApp({ ...services, rerankers: new Map([...services.rerankers, ['failing', { reranker: failing }]]) }, config);
  server = await listen(app, config);
  openai = new OpenAI({ apiKey: KEY, baseURL: `${server.url}/v1`, maxRetries: 0 });
  const response = await fetch(`${server.url}/v1/documents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': KEY },
    body: JSON.stringify({ documents: FILMS }),
  });
  expect(response.status).toBe(200);
});
afterAll(() => server.stop());

describe('openai', () => {
  const extractive = {
    model: 'resift',
    messages: [{ role: 'user' as const, content: QUESTION }],
    resift: { generator: 'extractive' as const },
  };
  type Extra = {
    readonly resift?: { readonly sources?: readonly { document_id: string }[]; readonly citations?: readonly { quote: string }[] };
  };

  it('lists chat pipelines first, then rerankers', async () => {
    const models: { id: string; type?: string }[] = [];
    for await (const model of openai.models.list()) models.push(model);
    expect(models.map(({ id }) => id)).toEqual(['resift', 'resift-fast', 'resift-balanced', 'resift-mini', 'resift-tiny', 'failing']);
    expect(models[3]).toMatchObject({ type: 'rerank' });
    expect((await openai.models.retrieve('resift-mini')).id).toBe('resift-mini');
    await expect(openai.models.retrieve('gpt-9')).rejects.toThrow(NotFoundError);
  });

  it('gets an answer with its sources', async () => {
    const completion = await openai.chat.completions.create(extractive);
    expect(completion.object).toBe('chat.completion');
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    expect(completion.choices[0]?.message.content).toContain('Dumb and Dumber');
    expect(completion.usage?.total_tokens).toBeGreaterThan(0);
    const { resift } = completion as Extra;
    expect(resift?.sources?.[0]?.document_id).toBe('dumb');
    expect(resift?.citations?.[0]?.quote).toContain('Aspen');
  });

  it('streams the same answer, the role once, a finish, and the usage where asked for', async () => {
    const whole = await openai.chat.completions.create({ ...extractive, model: 'resift-fast' });
    const stream = await openai.chat.completions.create({ ...extractive, stream: true, stream_options: { include_usage: true } });
    let text = '';
    const roles: unknown[] = [];
    const finishes: unknown[] = [];
    let usage: unknown;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.choices[0]?.delta.role) roles.push(chunk.choices[0].delta.role);
      if (chunk.choices[0]?.finish_reason) finishes.push(chunk.choices[0].finish_reason);
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect([roles, finishes]).toEqual([['assistant'], ['stop']]);
    expect(usage).toMatchObject({ total_tokens: expect.any(Number) });
  });

  it('throws on a stream that breaks off', async () => {
    const stream = await openai.chat.completions.create({ model: 'resift', messages: [{ role: 'user', content: QUESTION }], stream: true });
    const read = async () => {
      for await (const _ of stream);
    };
    await expect(read()).rejects.toThrow(APIError);
  });

  it('throws its own errors', async () => {
    const messages = extractive.messages;
    await expect(openai.chat.completions.create({ model: 'resift-mini', messages })).rejects.toThrow(BadRequestError);
    await expect(openai.chat.completions.create({ model: 'gpt-9', messages })).rejects.toThrow(NotFoundError);
    await expect(openai.chat.completions.create({ model: 'resift', messages: [] })).rejects.toMatchObject({
      status: 400,
      param: 'messages',
    });
    const stranger = new OpenAI({ apiKey: 'wrong', baseURL: `${server.url}/v1`, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401 });
    expect(RateLimitError).toBeDefined();
  });
});

describe('cohere-ai', () => {
  const documents = FILMS.map(({ text }) => text);

  it('reranks through v2', async () => {
    const cohere = new CohereClientV2({ token: KEY, environment: server.url });
    const { id, results, meta } = await cohere.rerank({ model: 'resift-mini', query: QUESTION, documents, topN: 2 });
    expect(id).toBeTruthy();
    expect(results.map(({ index }) => index)).toEqual([0, 1]);
    expect(results[0]!.relevanceScore).toBeGreaterThan(results[1]!.relevanceScore);
    expect(meta?.billedUnits?.searchUnits).toBe(1);
  });

  it('reranks through v1, with documents', async () => {
    const cohere = new CohereClient({ token: KEY, environment: server.url });
    const { results } = await cohere.rerank({
      model: 'resift-mini',
      query: QUESTION,
      documents: documents.map((text) => ({ text })),
      returnDocuments: true,
    });
    expect(results).toHaveLength(3);
    expect(results[0]!.document?.text).toBe(documents[0]);
  });

  it('throws its own errors', async () => {
    const cohere = new CohereClientV2({ token: KEY, environment: server.url });
    const call = (change: object) => cohere.rerank({ model: 'resift-mini', query: QUESTION, documents, ...change }, { maxRetries: 0 });
    await expect(call({ model: 'rerank-v3.5' })).rejects.toMatchObject({
      statusCode: 404,
      body: { message: expect.stringContaining('resift-mini') },
    });
    await expect(call({ documents: [] })).rejects.toMatchObject({ statusCode: 400 });
    await expect(call({ model: 'failing' })).rejects.toMatchObject({ statusCode: 503, body: { message: expect.any(String) } });
    await expect(call({ model: 'failing' })).rejects.toThrow(CohereError);
  });
});

describe('ai', () => {
  async function ask(body: object): Promise<UIMessage | undefined> {
    const transport = new DefaultChatTransport<UIMessage>({
      api: `${server.url}/v1/chat/ui`,
      headers: { authorization: `Bearer ${KEY}` },
      body,
    });
    const messages: UIMessage[] = [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: QUESTION }] }];
    const stream = await transport.sendMessages({
      trigger: 'submit-message',
      chatId: 'c1',
      messageId: undefined,
      messages,
      abortSignal: undefined,
    });
    let last: UIMessage | undefined;
    for await (const message of readUIMessageStream({ stream, terminateOnError: true })) last = message;
    return last;
  }

  it('shows an answer with its sources, citations and rerank status', async () => {
    const message = await ask({ generator: 'extractive' });
    const parts = message?.parts ?? [];
    const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
    expect(text).toContain('Dumb and Dumber');
    const sources = parts.filter((part) => part.type === 'source-document');
    const citation = parts.find((part) => part.type === 'data-citation') as { data: { source: string; quote: string } } | undefined;
    expect(sources[0]).toMatchObject({ sourceId: 'dumb#0', title: 'Dumb and Dumber' });
    expect(sources.map(({ sourceId }) => sourceId)).toContain(citation?.data.source);
    expect(parts.find((part) => part.type === 'data-rerank')).toMatchObject({ data: { status: 'applied' } });
    expect(parts.findIndex((part) => part.type === 'source-document')).toBeLessThan(parts.findIndex((part) => part.type === 'text'));
    expect(message?.metadata).toMatchObject({ abstained: false });
  });

  it('fails where the stream breaks off', async () => {
    await expect(ask({})).rejects.toThrow();
  });
});
