import { createRequire } from 'node:module';
import { join } from 'node:path';
import { testClient } from '@resift/api/testing/client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type EmptyProject, emptyProject, libraryProject } from '../packed/project.ts';

interface Span {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly parentSpanContext?: { readonly spanId: string };
  readonly ended: boolean;
  spanContext(): { readonly traceId: string; readonly spanId: string };
}

/** The part of the SDK that is used; its types come with ten megabytes. */
interface Sdk {
  readonly InMemorySpanExporter: new () => { getFinishedSpans(): Span[]; reset(): void };
  readonly SimpleSpanProcessor: new (options: { exporter: object }) => object;
  readonly TracerProvider: new (options: { spanProcessors: object[] }) => object;
}
interface Api {
  readonly trace: {
    setGlobalTracerProvider(provider: object): boolean;
    disable(): void;
    getTracer(name: string): { startActiveSpan<T>(name: string, work: (span: { end(): void }) => Promise<T>): Promise<T> };
  };
  readonly context: { setGlobalContextManager(manager: object): boolean; disable(): void };
}

/** The SDK's third line is the first that takes the API of 1.10, which is the workspace's. */
const VERSION = '3.1.1';
let project: EmptyProject;
let api: Api;
let exporter: InstanceType<Sdk['InMemorySpanExporter']>;

// The official SDK, in a project of its own: registered for the whole process, as an application does it.
beforeAll(async () => {
  project = emptyProject();
  await project.install(
    '@opentelemetry/api@1.10.0',
    `@opentelemetry/sdk-trace@${VERSION}`,
    `@opentelemetry/context-async-hooks@${VERSION}`,
  );
  const load = createRequire(join(project.folder, 'package.json'));
  const sdk = load('@opentelemetry/sdk-trace') as Sdk;
  const { AsyncLocalStorageContextManager } = load('@opentelemetry/context-async-hooks') as {
    AsyncLocalStorageContextManager: new () => { enable(): object };
  };
  api = load('@opentelemetry/api') as Api;
  exporter = new sdk.InMemorySpanExporter();
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.trace.setGlobalTracerProvider(new sdk.TracerProvider({ spanProcessors: [new sdk.SimpleSpanProcessor({ exporter })] }));
});
afterAll(() => {
  api?.trace.disable();
  api?.context.disable();
  project.remove();
});

it('gives the official SDK one span per stage of a chat, under the span of the request, with figures and without any text', async () => {
  const { app, post } = testClient();
  await post('/v1/documents', { documents: [{ id: 'CANARY-id', title: 'CANARY', text: 'CANARY: Aspen is a ski town.' }] });
  exporter.reset();
  const ask = { messages: [{ role: 'user', content: 'CANARY: what is Aspen?' }] };
  await api.trace.getTracer('application').startActiveSpan('request', async (span) => {
    expect((await post('/v1/chat', ask)).status).toBe(200);
    span.end();
  });

  await vi.waitUntil(() => exporter.getFinishedSpans().some(({ name }) => name === 'request'));
  const spans = exporter.getFinishedSpans();
  const request = spans.find(({ name }) => name === 'request')!;
  const stages = spans.filter((span) => span !== request);
  expect(stages.map(({ name }) => name)).toEqual(['resift.retrieve', 'resift.rerank', 'resift.generate', 'resift.verify']);
  for (const { parentSpanContext, spanContext, ended } of stages.map((span) => ({
    ...span,
    spanContext: span.spanContext(),
    ended: span.ended,
  }))) {
    expect(ended).toBe(true);
    expect([parentSpanContext?.spanId, spanContext.traceId]).toEqual([request.spanContext().spanId, request.spanContext().traceId]);
  }
  expect(stages[0]!.attributes).toMatchObject({ 'resift.found': 1, 'resift.leg.bm25.status': 'ok', 'resift.leg.dense.status': 'ok' });
  expect(stages[1]!.attributes).toMatchObject({ 'resift.rerank.status': 'applied', 'resift.rerank.scored': 1 });
  expect(JSON.stringify(stages.map(({ name, attributes }) => [name, attributes]))).not.toMatch(/CANARY|Aspen/i);
  await app.close();
});

it('gives its spans to the second line of the SDK, too, in an application that has an older API', async () => {
  const stranger = await libraryProject();
  try {
    // Spans reach only an SDK that registered with the same API or a newer one: so ours must be the application's.
    await stranger.install('@opentelemetry/api@1.9.1', '@opentelemetry/sdk-trace-node@2.12.0');
    stranger.write(
      'app.mjs',
      `import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
       import { search } from '@resift/rag';
       const exporter = new InMemorySpanExporter();
       new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
       const document = { id: 'a#0', documentId: 'a', text: 'Aspen.', start: 0, end: 6 };
       await search('aspen', { retriever: { id: 'mine', retrieve: async () => [{ document, score: 1 }] }, limits: { candidates: 10 } });
       console.log(JSON.stringify(exporter.getFinishedSpans().map(({ name }) => name)));`,
    );
    const { code, stdout, stderr } = await stranger.run('node', ['app.mjs']);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual(['resift.retrieve', 'resift.rerank']);
  } finally {
    stranger.remove();
  }
});
