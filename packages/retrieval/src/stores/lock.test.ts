import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectory } from './lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resift-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const lockFile = () => join(folder, 'resift.lock');
const edited = async (change: object) =>
  writeFile(lockFile(), JSON.stringify({ ...JSON.parse(await readFile(lockFile(), 'utf8')), ...change }));

/** A process of its own that locks the folder, then does what `after` says. */
async function holder(after: string) {
  const module = JSON.stringify(new URL('./lock.ts', import.meta.url).href);
  const code = `import(${module}).then(async ({ lockDirectory }) => { try { await lockDirectory(process.argv[1]); console.log('locked'); ${after} } catch (error) { console.log(error.message); process.exit(3); } })`;
  const child = spawn(process.execPath, ['--conditions=@resift/source', '--import', 'tsx', '-e', code, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, said: line.toString().trim() };
}

it('refuses a second opening, in this process too, naming the PID, and admits the next after release', async () => {
  const lock = await lockDirectory(folder);
  await expect(lockDirectory(folder)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(String(process.pid)) });
  await lock.check();
  await lock.release();
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
  await (await lockDirectory(folder)).release();
});

describe('another process', () => {
  it('that lives is never robbed, not even while its loop is blocked', async () => {
    const { child, said } = await holder('for (;;) {}');
    try {
      expect(said).toBe('locked');
      for (let i = 0; i < 20; i++) {
        await expect(lockDirectory(folder)).rejects.toMatchObject({ code: 'conflict', details: { pid: child.pid } });
      }
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await (await lockDirectory(folder)).release();
  });

  it('is refused while this one holds the lock', async () => {
    const lock = await lockDirectory(folder);
    const { child, said } = await holder('');
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(3);
    expect(said).toContain(`process ${process.pid}`);
    await lock.release();
  });

  it('that died leaves a lock that exactly one of many takes over', async () => {
    const { child } = await holder('setInterval(() => {}, 1000);');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const rivals = await Promise.all(Array.from({ length: 5 }, () => holder('setInterval(() => {}, 1000);')));
    try {
      expect(rivals.filter(({ said }) => said === 'locked')).toHaveLength(1);
      expect(rivals.filter(({ said }) => said.includes('in use by process'))).toHaveLength(4);
    } finally {
      for (const { child } of rivals) child.kill('SIGKILL');
    }
  });
});

it('takes over from a process whose id another one has now', async () => {
  const lock = await lockDirectory(folder);
  await edited({ token: 'other', pid: process.ppid, started: 'some-boot/1' });
  await expect(lock.check()).rejects.toMatchObject({ code: 'conflict' });
  await lock.release();
  await (await lockDirectory(folder)).release();
});

it('takes over after a taker that died on the way', async () => {
  await writeFile(lockFile(), JSON.stringify({ pid: 2 ** 30, started: 'x', host: (await import('node:os')).hostname(), token: 'dead' }));
  await writeFile(
    `${lockFile()}.after-dead`,
    JSON.stringify({ pid: 2 ** 30, started: 'x', host: (await import('node:os')).hostname(), token: 'dead2' }),
  );
  const lock = await lockDirectory(folder);
  expect(await readdir(folder)).toEqual(['resift.lock']);
  await lock.release();
});

it('does not judge a holder on another machine', async () => {
  const lock = await lockDirectory(folder);
  await edited({ token: 'other', host: 'elsewhere', pid: 2 ** 30 });
  await lock.release();
  await expect(lockDirectory(folder)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('on elsewhere') });
});

it('says so where the file is not a lock', async () => {
  await writeFile(lockFile(), 'hello');
  await expect(lockDirectory(folder)).rejects.toMatchObject({ code: 'corrupt', details: { file: lockFile() } });
});
