import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, ResiftError } from '@resift/core';
import type { LoadedDocument } from '../load.ts';
import type { FileKind } from '../parsers/file-kind.ts';
import { workerFile } from './worker-file.ts';

export interface ParseJob {
  readonly name: string;
  readonly kind: FileKind;
  readonly bytes: Uint8Array;
}

export type ParseAnswer =
  | { readonly documents: LoadedDocument[] }
  | { readonly code: ErrorCode; readonly message: string; readonly details: Readonly<Record<string, unknown>> };

const MOST_WORKERS = 2;
const HEAP_MB = 512;

const idle: Worker[] = [];
const waiting: (() => void)[] = [];
let busy = 0;

/** One file per worker at a time. A worker that is stuck, out of memory or no longer wanted is ended, and a later file gets a new one. */
export async function parseInWorker(
  job: ParseJob,
  { signal, timeoutMs }: { signal: AbortSignal | undefined; timeoutMs: number },
): Promise<LoadedDocument[]> {
  while (busy >= MOST_WORKERS) await new Promise<void>((resolve) => waiting.push(resolve));
  busy += 1;
  try {
    signal?.throwIfAborted();
    return await run(idle.pop() ?? (await started()), job, signal, timeoutMs);
  } finally {
    busy -= 1;
    waiting.shift()?.();
  }
}

/** A worker that has loaded its code. If it cannot, that is our fault, not the file's. */
function started(): Promise<Worker> {
  const worker = thread();
  return new Promise((resolve, reject) => {
    worker.once('message', () => {
      silence(worker);
      resolve(worker);
    });
    worker.once('error', (cause) => {
      reject(new ResiftError('unavailable', 'The thread that reads files did not start.', { cause, details: { reason: 'worker_crash' } }));
    });
  });
}

function thread(): Worker {
  const options = { name: 'resift-parse', resourceLimits: { maxOldGenerationSizeMb: HEAP_MB }, env: {} };
  const path = workerFile();
  if (!path.endsWith('.ts')) return new Worker(path, { ...options, execArgv: [] });
  // From source: `--import tsx` has no effect in the threads of Node 20, so the thread registers it before it imports the file.
  // A name in a variable, so that no bundler looks for tsx.
  const tool = 'tsx/esm/api';
  const tsx = JSON.stringify(pathToFileURL(createRequire(path).resolve(tool).replace(/cjs$/, 'mjs')).href);
  const file = JSON.stringify(pathToFileURL(path).href);
  const code = `import(${tsx}).then(({ register }) => { register(); return import(${file}); })`;
  return new Worker(code, { ...options, eval: true, execArgv: ['--conditions=@resift/source'] });
}

function run(worker: Worker, job: ParseJob, signal: AbortSignal | undefined, timeoutMs: number): Promise<LoadedDocument[]> {
  return new Promise((resolve, reject) => {
    const settle = (how: () => void, reusable: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      silence(worker);
      if (reusable) keep(worker);
      else end(worker);
      how();
    };
    const fail = (why: string) => {
      const error = new ResiftError('unusable_content', `${job.name} cannot be used: ${why}`, { details: { file: job.name } });
      settle(() => reject(error), false);
    };
    const aborted = () => settle(() => reject(signal?.reason), false);
    const timer = setTimeout(() => fail(`reading it took more than ${timeoutMs} ms.`), timeoutMs);

    silence(worker);
    worker.once('message', (answer: ParseAnswer) => {
      if ('documents' in answer) settle(() => resolve(answer.documents), true);
      else settle(() => reject(new ResiftError(answer.code, answer.message, { details: answer.details })), true);
    });
    worker.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? `reading it needs more than ${HEAP_MB} MB of memory.`
          : `the parser crashed (${error.message}).`,
      ),
    );
    worker.once('exit', () => fail('the parser stopped.'));
    signal?.addEventListener('abort', aborted, { once: true });
    if (signal?.aborted) {
      aborted(); // while the worker started
      return;
    }
    worker.ref();
    worker.postMessage(job);
  });
}

/** An idle worker keeps no process alive; one that dies idle is forgotten. */
function keep(worker: Worker) {
  const drop = () => {
    const at = idle.indexOf(worker);
    if (at !== -1) idle.splice(at, 1);
  };
  worker.on('error', drop).on('exit', drop);
  worker.unref();
  idle.push(worker);
}

function end(worker: Worker) {
  worker.on('error', () => {});
  void worker.terminate();
}

/** By name: a worker has listeners of its own, without which it hears nothing. */
function silence(worker: Worker) {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
}
