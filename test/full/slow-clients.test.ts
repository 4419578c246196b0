import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** The server on fakes in a process of its own, under whatever the shell sets before it. */
async function start(
  limits = '',
  flags: readonly string[] = [],
): Promise<{ readonly url: string; readonly port: number; exited(): boolean }> {
  const node = `exec "$0" "$@"`;
  const args = [process.execPath, ...flags, '--conditions=@resift/source', '--import', 'tsx', join(root, 'test/full/fake-server.ts')];
  const child = spawn('sh', ['-c', `${limits}${node}`, ...args], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  stops.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { url, port: Number(new URL(url).port), exited: () => child.exitCode !== null || child.signalCode !== null };
}

const post = (url: string, body: unknown) =>
  fetch(`${url}/v1/search`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** A socket that says this, and then this again every second; `closed` is when the server ended it, in ms from its beginning. */
function slow(port: number, first: string, every = ''): { readonly socket: Socket; readonly closed: Promise<number> } {
  const began = performance.now();
  const socket = connect(port, '127.0.0.1', () => socket.write(first));
  const timer = every === '' ? undefined : setInterval(() => socket.write(every), 1_000);
  socket.resume();
  socket.on('error', () => {});
  const closed = new Promise<number>((resolve) => {
    socket.on('close', () => {
      clearInterval(timer);
      resolve(performance.now() - began);
    });
  });
  return { socket, closed };
}

async function healthy(url: string, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++) statuses.push((await post(url, { query: `aspen ${i}` })).status);
  return statuses;
}

// F23 of reliability.md. Sabotage: without `bodyPace` the slow bodies stay for 35 s and more, without `headersTimeout` the partial headers for a minute.
it('F23: ends 500 sockets of partial headers, 200 bodies of a byte a second and 200 idle connections within 15 s, and answers others all the while', async () => {
  const { url, port } = await start();
  const head = 'POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const sockets = [
    ...Array.from({ length: 500 }, () => slow(port, 'POST /v1/search HTTP/1.1\r\nHost: loc', 'a')),
    ...Array.from({ length: 200 }, () => slow(port, `${head}Content-Length: 1000\r\n\r\n{`, ' ')),
    ...Array.from({ length: 200 }, () => slow(port, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')),
  ];
  const answering = healthy(url, 200);
  const guard = setTimeout(() => {
    for (const { socket } of sockets) socket.destroy();
  }, 40_000);
  const closed = await Promise.all(sockets.map(({ closed }) => closed));
  clearTimeout(guard);
  expect(new Set(await answering)).toEqual(new Set([200]));
  // 15 s are promised; a loaded machine may look at its sockets late.
  expect(Math.max(...closed)).toBeLessThan(25_000);
  expect((await healthy(url, 20)).every((status) => status === 200)).toBe(true);
});

// F34 of reliability.md: too few file descriptors, too little heap.
it('F34: with 256 file descriptors it refuses what it cannot serve, and serves again once they are free', async () => {
  const { url, port, exited } = await start('ulimit -n 256; ');
  const sockets = Array.from({ length: 400 }, () => slow(port, 'GET /healthz HTTP/1.1\r\n'));
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(exited()).toBe(false);
  for (const { socket } of sockets) socket.destroy();
  await expect.poll(async () => (await post(url, { query: 'aspen' })).status, { timeout: 15_000 }).toBe(200);
});

it('F34: with 64 MiB of heap it answers, or refuses, hundreds of large requests, and lives', async () => {
  const { url, exited } = await start('', ['--max-old-space-size=64']);
  const document = (i: number) => ({ id: `d${i}`, text: 'Aspen is a ski town. '.repeat(2_000) });
  const ingest = (i: number) =>
    fetch(`${url}/v1/documents`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ documents: [document(i % 5)] }),
    });
  const statuses = await Promise.all(
    Array.from({ length: 60 }, async (_, i) => (await (i % 2 ? ingest(i) : post(url, { query: `aspen ${i}`, top_k: 100 }))).status),
  );
  expect(statuses.filter((status) => status !== 200 && status !== 404 && status !== 429 && status !== 503)).toEqual([]);
  expect(exited()).toBe(false);
  expect((await post(url, { query: 'aspen again' })).status).toBe(200);
});
