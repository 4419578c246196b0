import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { killAll, launch, start } from './serve-process.ts';

// Each of these starts the whole server several times.
vi.setConfig({ testTimeout: 240_000 });

/** `resift serve` as a child process over the real models: start, demo, faults of a chat server, SIGTERM (F16, F19, F4). */
const folder = mkdtempSync(join(tmpdir(), 'resift-serve-'));
const data = (name: string) => join(folder, name);
const run = promisify(execFile);

/** A chat server that does what the test says with each answer. */
let script: (response: ServerResponse) => void;
const chat = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    script(response);
  });
});
const words = (response: ServerResponse, content: string) =>
  response.write(
    `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`,
  );
const end = (response: ServerResponse) =>
  response.end(`data: ${JSON.stringify({ id: '1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`);

beforeAll(() => new Promise<void>((resolve) => chat.listen(0, '127.0.0.1', resolve)));
afterEach(killAll);
afterAll(() => {
  chat.closeAllConnections();
  chat.close();
  rmSync(folder, { recursive: true, force: true });
});

const withChat = () => ({ RESIFT_CHAT_URL: `http://127.0.0.1:${(chat.address() as AddressInfo).port}/v1`, RESIFT_CHAT_MODEL: 'scripted' });
const ask = (url: string) =>
  fetch(`${url}/v1/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      collection: 'demo',
      stream: true,
      rerank: false,
      messages: [{ role: 'user', content: 'Which film is set in Aspen?' }],
    }),
  });
const namesOf = (text: string) => [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);

it('loads the demo once, and every curl line that it prints works as it stands', async () => {
  const first = await start(data('demo'));
  expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  const lines = first
    .stdout()
    .split('\n')
    .map((line) => line.trim());
  const curls = lines.filter((line) => line.startsWith('curl '));
  expect(curls.length).toBeGreaterThanOrEqual(3);
  for (const line of curls) {
    const { stdout } = await run('sh', ['-c', line]);
    expect(JSON.parse(stdout)).not.toHaveProperty('error');
  }
  for (const line of lines.filter((line) => line.includes('main.ts'))) expect(line).toContain(`--server ${first.url}`);
  const { collections } = (await (await fetch(`${first.url}/v1/collections`)).json()) as {
    collections: { name: string; documents: number }[];
  };
  expect(collections).toMatchObject([{ name: 'demo' }]);
  expect(collections[0]!.documents).toBeGreaterThanOrEqual(40);

  // F4: one writer to a folder; the second is told who holds it.
  const second = launch(data('demo'));
  expect(await second.exit).toBe(1);
  expect(second.stderr()).toContain(String(first.child.pid));

  await fetch(`${first.url}/v1/collections/demo`, { method: 'DELETE' });
  await fetch(`${first.url}/v1/collections/mine`, { method: 'POST' });
  first.child.kill('SIGTERM');
  expect(await first.exit).toBe(0);

  const again = await start(data('demo'));
  const kept = (await (await fetch(`${again.url}/v1/collections`)).json()) as { collections: { name: string }[] };
  expect(kept.collections.map(({ name }) => name)).toEqual(['mine']);
  again.child.kill('SIGINT');
  expect(await again.exit).toBe(0);
});

it('lets streams end after SIGTERM, and stops at once when told twice', async () => {
  const waiting: ServerResponse[] = [];
  script = (response) => {
    words(response, 'It is ');
    waiting.push(response);
  };
  const { child, url, exit } = await start(data('term'), withChat());
  const streams = await Promise.all([ask(url), ask(url), ask(url)]);
  const texts = Promise.all(streams.map((stream) => stream.text()));
  child.kill('SIGTERM');
  let late: Response;
  do late = await fetch(`${url}/readyz`);
  while (late.status === 200);
  expect((await ask(url)).status).toBe(503);
  for (const response of waiting) {
    words(response, 'Dumb and Dumber.');
    end(response);
  }
  for (const text of await texts) expect(namesOf(text).at(-1)).toBe('done');
  expect(await exit).toBe(0);

  const hasty = await start(data('term'), withChat());
  const cut = await ask(hasty.url);
  const text = cut.text().catch(() => 'cut');
  hasty.child.kill('SIGTERM');
  do late = await fetch(`${hasty.url}/readyz`);
  while (late.status === 200);
  hasty.child.kill('SIGTERM');
  expect(await hasty.exit).toBe(143);
  expect(namesOf(await text)).not.toContain('done');
});

it('never takes a chat server that breaks off for one that has finished', async () => {
  const { child, url, exit } = await start(data('cut'), withChat());
  const answers: readonly ((response: ServerResponse) => void)[] = [
    (response) => response.destroy(),
    (response) => response.end(),
    (response) => {
      words(response, 'It is in ');
      setTimeout(() => response.destroy(), 1_500);
    },
    (response) => {
      words(response, 'It is in ');
      response.end();
    },
    (response) => response.end('data: {"error": {"message": "out of memory"}}\n\n'),
    (response) => response.end('<html>not a stream</html>'),
  ];
  for (const answer of answers) {
    script = answer;
    const response = await ask(url);
    const text = await response.text();
    expect([200, 502, 503]).toContain(response.status);
    expect(namesOf(text)).not.toContain('done');
    if (response.status === 200) expect(namesOf(text).at(-1)).toBe('error');
  }
  script = (response) => {
    words(response, 'Dumb and Dumber.');
    end(response);
  };
  expect(namesOf(await (await ask(url)).text()).at(-1)).toBe('done');
  child.kill('SIGTERM');
  expect(await exit).toBe(0);
});
