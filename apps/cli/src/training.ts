import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ResiftError } from '@resift/core';
import { cliEnvironment } from './config.ts';

export interface StudentWanted {
  readonly lists: string;
  readonly out: string;
  readonly student: string;
  readonly loss: string;
  readonly layers: number;
  readonly steps: number;
}

export interface Training {
  readonly python: string;
  /** The folder that holds `resift_training`. */
  readonly folder: string;
}

/** Why the training cannot run here, and the command that does it where it can. */
export interface NoTraining {
  readonly missing: string;
  command(wanted: StudentWanted): string;
}

/** The training package of a clone of the repository and its Python environment (`setup-env` makes it, RESIFT_VENV says where). */
export function findTraining(): Training | NoTraining {
  const { venv, training } = cliEnvironment();
  const folder = training ?? fileURLToPath(new URL('../../../packages/models-en/training', import.meta.url));
  const python = join(venv, 'bin/python');
  const there = existsSync(join(folder, 'resift_training/student_from_rankings.py'));
  if (there && existsSync(python)) return { python, folder };
  return {
    missing: there
      ? `The student is trained by Python, and there is no ${python}: run ${join(folder, 'setup-env')} (RESIFT_VENV says where it goes).`
      : 'The student is trained by Python code that the npm package leaves out: clone the repository, run packages/models-en/training/setup-env, and name the folder in RESIFT_TRAINING.',
    command: (wanted) =>
      `(cd ${there ? folder : 'packages/models-en/training'} && ${python} -m resift_training.student_from_rankings ${argumentsOf(wanted).join(' ')})`,
  };
}

/** Trains; the training's own lines go to stderr. */
export async function trainStudent({ python, folder }: Training, wanted: StudentWanted, signal: AbortSignal): Promise<void> {
  const child = spawn(python, ['-m', 'resift_training.student_from_rankings', ...argumentsOf(wanted)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  child.stdout.pipe(process.stderr, { end: false });
  const code = await new Promise<number | null>((settle, fail) => child.on('error', fail).on('close', settle));
  if (code !== 0)
    throw new ResiftError('unavailable', `The training ended with exit code ${code}; its last lines say why. The rankings are kept.`);
}

function argumentsOf({ lists, out, student, loss, layers, steps }: StudentWanted): string[] {
  const options = { lists: resolve(lists), out: resolve(out), student, loss, layers: String(layers), steps: String(steps) };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}
