#!/usr/bin/env node
import { createRequire } from 'node:module';
import { isResiftError } from '@resift/core';
import { Command, CommanderError } from 'commander';
import { askCommand } from './commands/ask.ts';
import { benchCommand } from './commands/bench.ts';
import { completionCommand } from './commands/completion.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evalCommand } from './commands/eval.ts';
import { ingestCommand } from './commands/ingest.ts';
import { rerankCommand } from './commands/rerank.ts';
import { searchCommand } from './commands/search.ts';
import { serveCommand } from './commands/serve.ts';
import { colours } from './terminal.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const program = new Command('resift')
  .description('Search your documents, rerank what was found, get a cited answer. Works without a key and without a download.')
  .version(version)
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage or input, 130 stopped by Ctrl-C.');
for (const command of [
  serveCommand(),
  ingestCommand(),
  askCommand(),
  searchCommand(),
  rerankCommand(),
  evalCommand(),
  benchCommand(),
  doctorCommand(),
  completionCommand(),
])
  program.addCommand(command);
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
  command.exitOverride().showHelpAfterError('(add --help for the options)');

// `resift search … | head` closes the pipe early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${colours.red('error:')} ${message}\n`);
  if (process.exitCode === 130) return 130;
  const expected = isResiftError(error);
  if (!expected && error instanceof Error && error.stack) process.stderr.write(`${colours.dim(error.stack)}\n`);
  return expected && error.code === 'invalid_input' ? 2 : 1;
}
