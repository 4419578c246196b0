import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { provenance } from '@resift/eval/experiment/provenance';
import type { RunOptions } from '@resift/eval/experiment/run-experiment';
import { progressLine } from '@resift/eval/report/progress-line';
import type { Models } from 'resift';
import type { ModelHashes } from './model-hashes.ts';
import { progressTo } from './progress.ts';

/** What every experiment needs from its surroundings. */
export interface Workbench {
  /** The folder of public data sets. */
  readonly data: string;
  /** Stored collections and journals; may be deleted at any time. */
  readonly runs: string;
  readonly models: Models;
  readonly progress: { show(text: string): void; done(): void };
  readonly signal: AbortSignal | undefined;
  say(line: string): void;
  /** How to run an experiment of this name: its journal, provenance, progress. */
  runOptions(name: string): Promise<RunOptions>;
}

export interface WorkbenchOptions {
  readonly root: string;
  readonly data?: string | undefined;
  readonly models: Models;
  readonly hashes?: ModelHashes | undefined;
  readonly allowDegraded?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly stderr?: NodeJS.WriteStream | undefined;
}

/** Puts the workbench together. */
export function workbench({
  root,
  data = join(root, '../shared/data'),
  models,
  hashes,
  allowDegraded,
  signal,
  stderr = process.stderr,
}: WorkbenchOptions): Workbench {
  const runs = join(root, 'evals/.runs');
  mkdirSync(runs, { recursive: true });
  const progress = progressTo(stderr);
  return {
    data,
    runs,
    models,
    progress,
    signal,
    say(line) {
      progress.done();
      stderr.write(`${line}\n`);
    },
    async runOptions(name) {
      const line = progressLine(Date.now());
      return {
        journal: join(runs, `${name}.${hashes?.manifest.slice(0, 12) ?? 'no-models'}.journal.jsonl`),
        provenance: await provenance(root, { models: hashes?.files, versions: { models: hashes?.version ?? 'none' } }),
        allowDegraded,
        signal,
        onProgress: (state) => progress.show(line(state)),
      };
    },
  };
}
