import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { S3Settings } from '@resift/retrieval/stores/s3-bucket';

export interface S3Server {
  /** A bucket of its own, empty. */
  bucket(name: string): Promise<S3Settings>;
  stop(): Promise<void>;
}

/** moto, which answers as S3 does (conditional writes included) and keeps all in memory, on a free port. The program comes from `setup-env`. */
export async function startS3(): Promise<S3Server> {
  const python = execFileSync(fileURLToPath(new URL('./setup-env', import.meta.url)), { encoding: 'utf8' }).trim();
  const port = await freePort();
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null || tries === 600) throw new Error(`moto did not start (exit code ${child.exitCode}).`);
    const answered = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answered) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    async bucket(name) {
      const made = await fetch(`${endpoint}/${name}`, { method: 'PUT' });
      if (!made.ok) throw new Error(`moto made no bucket: ${made.status} ${await made.text()}`);
      return { url: `s3://${name}/tenant`, endpoint, accessKeyId: 'test', secretAccessKey: 'test' };
    },
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
