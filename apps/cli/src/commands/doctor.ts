import { createRequire } from 'node:module';
import { Command } from 'commander';
import type { Check } from '../doctor/check.ts';
import { chatCheck, readSettings } from '../doctor/config-checks.ts';
import { cpuCheck, diskCheck, memoryCheck, nodeCheck } from '../doctor/machine-checks.ts';
import { modelFilesCheck, rankCheck, runtimeCheck } from '../doctor/model-checks.ts';
import { portCheck } from '../doctor/port-check.ts';
import { redisCheck } from '../doctor/redis-check.ts';
import { storeCheck } from '../doctor/store-check.ts';
import { untilInterrupted } from '../interrupt.ts';
import { colours, print, progressLine } from '../terminal.ts';

interface DoctorOptions {
  readonly dataDir?: string;
  readonly json: boolean;
}

/** `resift doctor`: is everything there that resift needs, and what to do where it is not. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Check this machine: Node, processor, models, settings, store, port, and the servers that are configured.')
    .option('--data-dir <folder>', 'where documents are kept (default: RESIFT_DATA_DIR or ./data)')
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExit code 1 where a check failed; warnings do not count.')
    .action(async ({ dataDir, json }: DoctorOptions) => {
      const checks = await untilInterrupted((signal) => examine(dataDir === undefined ? {} : { RESIFT_DATA_DIR: dataDir }, signal));
      const healthy = checks.every(({ status }) => status !== 'failed');
      print({ healthy, checks }, { json, text: () => report(checks) });
      if (!healthy) process.exitCode = 1;
    });
}

async function examine(given: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Check[]> {
  const line = progressLine();
  const checks: Check[] = [];
  const look = async (what: string, check: () => Check | Promise<Check>) => {
    signal.throwIfAborted();
    line.show(`checking ${what} …`);
    checks.push(await check());
  };
  const { engines } = createRequire(import.meta.url)('../../package.json') as { engines: { node: string } };
  try {
    await look('Node', () => nodeCheck(engines.node));
    await look('the processor', () => cpuCheck());
    await look('memory', () => memoryCheck());
    await look('onnxruntime', () => runtimeCheck());
    await look('the models', () => modelFilesCheck());
    if (checks.every(({ status }) => status !== 'failed')) await look('a ranking', () => rankCheck(signal));
    const { config, checks: settings } = await readSettings(given);
    checks.push(...settings);
    if (config) {
      await look('the disk', () => diskCheck(config.dataDir));
      await look('the store', () => storeCheck(config, signal));
      await look('the port', () => portCheck(config.host, config.port, signal));
      await look('the chat server', () => chatCheck(config, signal));
      const { redisUrl } = config;
      if (redisUrl) await look('Redis', () => redisCheck(redisUrl, signal));
    }
    return checks;
  } finally {
    line.clear();
  }
}

function report(checks: readonly Check[]): string {
  const marks = { ok: colours.green('✓'), warning: colours.yellow('!'), failed: colours.red('✗') };
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, status, says, todo }) => [
    `${marks[status]} ${name.padEnd(width)}  ${says}`,
    ...(todo ? [`${' '.repeat(width + 4)}${colours.bold('→')} ${todo}`] : []),
  ]);
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  const [bad, warnings] = [count('failed'), count('warning')];
  const verdict = bad > 0 ? colours.red(`${bad} failed`) : 'Everything that resift needs is here';
  return [...lines, '', `${verdict}${warnings > 0 ? `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}` : ''}.`].join('\n');
}
