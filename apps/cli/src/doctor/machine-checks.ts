import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, freemem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { type Check, failed, ok, warning } from './check.ts';

const GiB = 1024 ** 3;
/** What the models and an index of some thousand passages take. */
const MEMORY = 1.5 * GiB;
const DISK = 1 * GiB;

/** `wanted` is the `engines.node` of the package, `>=20.19`. */
export function nodeCheck(wanted: string, version: string = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = wanted.replace(/^>=/, '').split('.').map(Number);
  const says = `Node ${version} on ${process.platform} ${process.arch}, ${availableParallelism()} cores`;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return ok('node', says);
  return failed('node', says, `Install Node ${wanted.replace('>=', '')} or newer from https://nodejs.org.`);
}

/** The instructions that the int8 models are fast with. Only Linux says which a processor has; elsewhere this is a note. */
export async function cpuCheck(arch: string = process.arch, file = '/proc/cpuinfo'): Promise<Check> {
  const name = cpus()[0]?.model.trim() || arch;
  const info = await readFile(file, 'utf8').catch(() => undefined);
  if (info === undefined) return ok('cpu', `${name} (this system does not say which instructions it has)`);
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.*)$/m.exec(info)?.[1]?.split(/\s+/));
  const found = (wanted: readonly string[]) => wanted.filter((flag) => flags.has(flag));
  if (arch === 'arm64') return speed(name, found(['asimd', 'asimddp', 'i8mm']), 'asimddp');
  return speed(name, found(['avx2', 'fma', 'avx512_vnni', 'avx_vnni']), 'avx2');
}

function speed(name: string, has: readonly string[], needed: string): Check {
  const says = `${name}: ${has.join(', ') || 'no vector instructions that help'}`;
  if (has.includes(needed)) return ok('cpu', says);
  return warning(
    'cpu',
    `${says}; without ${needed} the models are several times slower`,
    'Use the preset "fast", or another machine. In a virtual machine, pass the host’s CPU through.',
  );
}

/** Memory that is free now, as the system counts it (Linux: with what it can drop). */
export async function memoryCheck(free?: number): Promise<Check> {
  const available = free ?? (await availableMemory());
  const says = `${(available / GiB).toFixed(1)} GiB of memory free`;
  if (available >= MEMORY) return ok('memory', says);
  return warning('memory', says, `The models want about ${MEMORY / GiB} GiB: close other programs, or set RESIFT_WORKERS=1.`);
}

async function availableMemory(): Promise<number> {
  const info = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kiB = /^MemAvailable:\s*(\d+) kB/m.exec(info)?.[1];
  return kiB === undefined ? freemem() : Number(kiB) * 1024;
}

/** Room on the disk of the data folder, which need not exist yet. */
export async function diskCheck(dataDir: string): Promise<Check> {
  for (let folder = resolve(dataDir); ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      const says = `${(free / GiB).toFixed(1)} GiB free for ${dataDir}`;
      return free >= DISK ? ok('disk', says) : warning('disk', says, 'Make room, or set RESIFT_DATA_DIR to another disk.');
    } catch (error) {
      if (folder === dirname(folder)) return warning('disk', `Cannot tell how much room ${dataDir} has`, String(error));
    }
  }
}
