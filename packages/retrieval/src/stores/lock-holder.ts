import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a lock. A process is named by its id and its start, since ids are used again. */
export interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly host: string;
  readonly token: string;
}

/** This process, under a token of its own for each lock. */
export function thisProcess(): Holder {
  return { pid: process.pid, started: startOf(process.pid) ?? 'unknown', host: hostname(), token: randomUUID() };
}

/** Whether the holder lives; undefined where it is on another machine, or in another container, and cannot be seen from here. */
export function lives({ pid, started, host }: Holder): boolean | undefined {
  if (host !== hostname()) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now === undefined || started === 'unknown' || now === started;
}

/** What a lock holds; undefined where it is not one. */
export function readHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder>;
    const whole =
      Number.isInteger(holder.pid) &&
      holder.pid! > 0 &&
      typeof holder.started === 'string' &&
      typeof holder.token === 'string' &&
      typeof holder.host === 'string';
    return whole ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

/** When a process started, in whatever unit the system gives; undefined where it cannot be told. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return linuxStart(pid);
    if (process.platform === 'win32') return undefined;
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 2_000 }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function linuxStart(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in parentheses, and may hold spaces; the start is the 22nd.
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}/${ticks}`;
}
