import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LoopLag } from './loop-clock.ts';

export interface BenchServer {
  readonly url: string;
  /** Whatever it answers. */
  send(path: string, body: unknown): Promise<{ readonly status: number; readonly body: string }>;
  /** Rejects where it does not answer 200. */
  post<T>(path: string, body: unknown): Promise<T>;
  /** The value of a metric without labels. */
  metric(name: string): Promise<number>;
  /** Processor time of the process so far, in milliseconds, in steps of ten; NaN where there is no /proc. */
  cpuMs(): number;
  /** How late its event loop was since the last call. */
  lag(): Promise<LoopLag>;
  stop(): Promise<void>;
}

/** The real service with a folder of its own, warm, under these settings of its environment. */
export async function startBenchServer(settings: Readonly<Record<string, string>> = {}): Promise<BenchServer> {
  const directory = mkdtempSync(join(tmpdir(), 'resift-bench-'));
  const script = join(import.meta.dirname, 'bench-server.ts');
  const child: ChildProcess = spawn(process.execPath, ['--conditions=@resift/source', '--import', 'tsx', script, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...settings },
  });
  const lines = createInterface({ input: child.stdout! });
  const [url] = (await once(lines, 'line')) as [string];

  async function send(path: string, body: unknown) {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, body: await response.text() };
  }

  return {
    url,
    send,
    async post<T>(path: string, body: unknown) {
      const answer = await send(path, body);
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body.slice(0, 300)}`);
      return JSON.parse(answer.body) as T;
    },
    async metric(name) {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
    },
    cpuMs() {
      try {
        const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
        return 10 * (Number(fields[11]) + Number(fields[12]));
      } catch {
        return Number.NaN;
      }
    },
    async lag() {
      const answered = once(lines, 'line') as Promise<[string]>;
      child.stdin!.write('\n');
      return JSON.parse((await answered)[0]) as LoopLag;
    },
    async stop() {
      child.stdin!.end();
      await once(child, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
