import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createApp } from '@resift/api/app';
import { readConfig } from '@resift/api/config';
import { listen, type RunningServer } from '@resift/api/server';
import { FILMS } from '@resift/api/testing/client';
import { fakeServices } from '@resift/api/testing/fake-services';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** Python's own clients against the app on a loopback port. The models are fakes: shapes are tested here. */
const KEY = 'key-of-acme-0123456789';
const file = (name: string) => fileURLToPath(new URL(`./python/${name}`, import.meta.url));
let server: RunningServer;
beforeAll(async () => {
  const config = readConfig({ PORT: '0', RESIFT_API_KEYS: `acme:${KEY}` }, {});
  server = await listen(createApp(fakeServices(), config), config);
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': KEY },
    body: JSON.stringify({ documents: FILMS }),
  };
  expect((await fetch(`${server.url}/v1/documents`, init)).status).toBe(200);
});
afterAll(() => server.stop());

it('speaks to the clients cohere and openai of Python as their own servers would', async () => {
  const python = execFileSync(file('setup-env'), { encoding: 'utf8' }).trim();
  const { stdout } = await promisify(execFile)(python, [file('clients.py'), server.url, KEY], { encoding: 'utf8' }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(`${error.stdout}\n${error.stderr}`.slice(-4_000));
    },
  );
  expect(stdout.match(/^ok /gm)).toHaveLength(19);
});
