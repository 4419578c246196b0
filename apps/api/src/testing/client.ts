import { type App, createApp } from '../app.ts';
import { type Config, readConfig } from '../config.ts';
import type { Services } from '../services.ts';
import { fakeServices } from './fake-services.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into any shape
  readonly json: any;
}

export interface Client {
  readonly app: App;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
}

/** An app on fakes, called without a port. */
export function testClient({ services = {}, config = {} }: { services?: Partial<Services>; config?: Partial<Config> } = {}): Client {
  const app = createApp(fakeServices(services), { ...readConfig({}, {}), ...config });
  const send: Client['send'] = async (method, path, body, headers = {}) => {
    const json = body !== undefined && typeof body !== 'string' && !(body instanceof FormData);
    const response = await app.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: { ...(json || typeof body === 'string' ? { 'content-type': 'application/json' } : {}), ...headers },
        ...(body !== undefined && { body: json ? JSON.stringify(body) : (body as string | FormData) }),
      }),
    );
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined,
    };
  };
  return {
    app,
    send,
    post: (path, body, headers) => send('POST', path, body, headers),
    get: (path, headers) => send('GET', path, undefined, headers),
  };
}

/** Server-sent events as `[name, data]`. */
export function eventsOf(text: string): { event: string; data: string }[] {
  return text
    .split('\n\n')
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const lines = block.split('\n');
      const event = lines.find((line) => line.startsWith('event: '))?.slice(7) ?? 'message';
      const data = lines
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice(6))
        .join('\n');
      return { event, data };
    });
}

export const FILMS: readonly { id: string; title: string; text: string; metadata: { year: number } }[] = [
  {
    id: 'dumb',
    title: 'Dumb and Dumber',
    text: 'Jim Carrey travels to Aspen with his friend in Dumb and Dumber. It is a comedy.',
    metadata: { year: 1994 },
  },
  { id: 'mask', title: 'The Mask', text: 'Jim Carrey finds a green mask. Then things happen.', metadata: { year: 1994 } },
  { id: 'aspen', title: 'Aspen', text: 'Aspen is a ski town in Colorado. It is cold there.', metadata: { year: 2020 } },
];
