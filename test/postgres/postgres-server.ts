import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PostgresServer {
  /** Of the database `postgres`, as its superuser. */
  readonly url: string;
  readonly child: ChildProcess;
  /** As a crash would; what was committed stays in its folder. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const NOBODY = 65_534;

/** A real PostgreSQL with pgvector of its own, on a free port, in a folder that goes with it. The programs come from `setup-env`. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = execFileSync(fileURLToPath(new URL('./setup-env', import.meta.url)), { encoding: 'utf8' }).trim();
  const folder = await mkdtemp(join(tmpdir(), 'resift-postgres-'));
  // PostgreSQL refuses to run as root.
  const who = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (who.uid !== undefined) await chown(folder, NOBODY, NOBODY);
  const data = join(folder, 'data');
  const port = await freePort();
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'], {
    ...who,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let child: ChildProcess;

  async function start() {
    const settings = ['listen_addresses=127.0.0.1', 'shared_buffers=64MB', 'max_connections=50'].flatMap((one) => ['-c', one]);
    child = spawn(join(programs, 'postgres'), ['-D', data, '-p', String(port), '-k', '', ...settings], {
      ...who,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    for await (const piece of child.stderr!) {
      output += piece;
      if (/ready to accept connections/.test(output)) break;
    }
    if (!/ready to accept connections/.test(output)) throw new Error(`postgres did not start: ${output}`);
    child.stderr!.resume();
  }
  async function kill(signal: NodeJS.Signals = 'SIGKILL') {
    if (child.exitCode !== null || child.signalCode !== null) return;
    // Not `exit`: its own children write to the same pipe, outlive a SIGKILL for a moment, and keep the next server from its data.
    const gone = once(child, 'close');
    child.kill(signal);
    await gone;
  }

  await start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    get child() {
      return child;
    },
    kill,
    start,
    async stop() {
      await kill('SIGQUIT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
