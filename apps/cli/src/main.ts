#!/usr/bin/env node
import { createRequire } from 'node:module';
import { isResiftError } from '@resift/core';
import { CommanderError } from 'commander';
import { createProgram } from './program.ts';
import { colours } from './terminal.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

// `resift search … | head` closes the pipe early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await createProgram(version).parseAsync(process.argv);
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
