import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface BenchServer {
  readonly url: string;
  post<T>(path: string, body: unknown): Promise<T>;
  /** The value of a metric without labels. */
  metric(name: string): Promise<number>;
  /** Processor time of the process so far, in milliseconds, in steps of ten; NaN where there is no /proc. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** The real service with a folder of its own, warm. */
export async function startBenchServer(): Promise<BenchServer> {
  const directory = mkdtempSync(join(tmpdir(), 'resift-bench-'));
  const script = join(import.meta.dirname, 'bench-server.ts');
  const child: ChildProcess = spawn(process.execPath, ['--conditions=@resift/source', '--import', 'tsx', script, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];

  return {
    url,
    async post<T>(path: string, body: unknown) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
      return (await response.json()) as T;
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
    async stop() {
      child.stdin!.end();
      await once(child, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
