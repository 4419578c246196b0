import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Journal, openJournal } from '@resift/eval/experiment/journal';
import { type Provenance, provenance } from '@resift/eval/experiment/provenance';
import type { RunOptions } from '@resift/eval/experiment/run-experiment';
import { progressLine } from '@resift/eval/report/progress-line';
import type { Models } from 'resift';
import { codeHash } from './code-hash.ts';
import type { ModelHashes } from './model-hashes.ts';
import { progressTo } from './progress.ts';

/** What every experiment needs from its surroundings. */
export interface Workbench {
  /** The folder of public data sets. */
  readonly data: string;
  /** Stored collections, journals and kept scores; may be deleted at any time. */
  readonly runs: string;
  readonly models: Models;
  /**
   * What the reader and the judge said about a text, by content. It outlives the run and belongs to these models and this code of theirs:
   * a run that was stopped, a second system or a second table asks only what is new.
   */
  readonly kept: Journal;
  readonly progress: { show(text: string): void; done(): void };
  readonly signal: AbortSignal | undefined;
  say(line: string): void;
  /** Machine, commit, versions and model hashes. */
  provenance(): Promise<Provenance>;
  /** How to run an experiment of this name: its journal, provenance, progress. */
  runOptions(name: string): Promise<RunOptions>;
  /** Closes what it opened itself, which the models are not. */
  close(): void;
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

/** The code that a single score comes from, and the code that an outcome comes from. */
const MODEL_CODE = ['packages/core/src', 'packages/models/src'];
const PIPELINE_CODE = [
  ...MODEL_CODE,
  ...['reranker', 'retrieval', 'rag', 'resift'].map((name) => `packages/${name}/src`),
  ...['answer', 'experiment', 'judge', 'rag', 'ranking'].map((name) => `packages/eval/src/${name}`),
];

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
  const made = (models: string | undefined, folders: readonly string[]) =>
    `${models?.slice(0, 12) ?? 'no-models'}.${codeHash(root, folders).slice(0, 8)}`;
  const origin = () => provenance(root, { models: hashes?.files, versions: { models: hashes?.version ?? 'none' } });
  const kept = openJournal(join(runs, 'kept', `${made(hashes?.readers, MODEL_CODE)}.jsonl`));
  return {
    data,
    runs,
    models,
    kept,
    progress,
    signal,
    provenance: origin,
    say(line) {
      progress.done();
      stderr.write(`${line}\n`);
    },
    async runOptions(name) {
      const line = progressLine(Date.now());
      return {
        journal: join(runs, `${name}.${made(hashes?.manifest, PIPELINE_CODE)}.journal.jsonl`),
        provenance: await origin(),
        allowDegraded,
        signal,
        onProgress: (state) => progress.show(line(state)),
      };
    },
    close: () => kept.close(),
  };
}
