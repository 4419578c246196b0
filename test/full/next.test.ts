import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EmptyProject, libraryProject } from '../packed/project.ts';

const ENV = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };

let project: EmptyProject;
beforeAll(async () => {
  project = await libraryProject();
  await project.install('next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1');
  mkdirSync(join(project.folder, 'app/api/rank'), { recursive: true });
  project.write('app/layout.js', 'export default function Layout({ children }) { return <html><body>{children}</body></html>; }');
  project.write('app/page.js', 'export default function Page() { return <p>resift</p>; }');
  project.write(
    'app/api/rank/route.js',
    `import { localReranker } from 'resift';
     const opened = localReranker({ workers: 1 });
     export const dynamic = 'force-dynamic';
     export async function GET() {
       const documents = ['Bananas are yellow.', 'Paris is the capital of France.'].map((text, i) => ({ id: String(i), text }));
       const { items } = await (await opened).rerank('capital of France', documents);
       return Response.json({ best: items[0].document.text });
     }`,
  );
});
afterAll(() => project.remove());

it.each([
  ['bundles everything', 'export default {};'],
  ['keeps our packages external', "export default { serverExternalPackages: ['resift', '@resift/models', '@resift/models-en'] };"],
])('a Next.js server build that %s finds the worker and the models', async (_, config) => {
  project.write('next.config.mjs', config);
  const { code, stdout, stderr } = await project.run('npx', ['next', 'build'], { env: ENV });
  expect(code, `${stdout}\n${stderr}`).toBe(0);

  const port = await freePort();
  const next = join(project.folder, 'node_modules/next/dist/bin/next');
  const server = spawn(process.execPath, [next, 'start', '-p', String(port)], {
    cwd: project.folder,
    env: { ...process.env, ...ENV, NODE_PATH: '' },
  });
  try {
    await new Promise<void>((ready, fail) => {
      server.stdout.on('data', (text) => /Ready/.test(String(text)) && ready());
      server.on('close', (status) => fail(new Error(`next start ended with ${status}`)));
    });
    const response = await fetch(`http://127.0.0.1:${port}/api/rank`);
    expect(await response.json()).toEqual({ best: 'Paris is the capital of France.' });
  } finally {
    server.kill();
  }
});

function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((found) =>
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => found(port));
    }),
  );
}
