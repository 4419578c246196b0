import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ResiftError } from '@resift/core';
import type { WorkerReply, WorkerRequest, WorkerSettings } from './onnx-protocol.ts';

export interface PoolWorkerSettings extends WorkerSettings {
  /** Path of the file that the thread runs. */
  readonly workerFile: string;
}

/** One thread, one request at a time. Once it died it rejects every request: the pool makes another. */
export interface PoolWorker {
  /** Models loaded here. */
  readonly models: ReadonlySet<number>;
  request(message: WorkerRequest, timeoutMs: number, transfer?: readonly ArrayBuffer[]): Promise<WorkerReply>;
  terminate(): Promise<void>;
}

/**
 * Ending a thread in the middle of a native run brings the whole process down (`terminate called after throwing an instance of 'Napi::Error'`),
 * so a busy one always finishes its run first. Whoever ends it waits for at most so long; a later one ends by itself.
 */
const LAST_RUN_MS = 10_000;

/** Starts a thread that does not keep the process alive while it has nothing to do. */
export function startPoolWorker(settings: PoolWorkerSettings, onDeath: () => void): PoolWorker {
  const worker = startThread(settings);
  worker.unref();
  const models = new Set<number>();
  let dead = false;
  let current: { message: WorkerRequest; finish: (reply: WorkerReply | ResiftError) => void } | undefined;

  const die = (error: ResiftError) => {
    if (dead) return;
    dead = true;
    current?.finish(error);
    onDeath();
  };
  let busy = false;
  let whenIdle: (() => void) | undefined;
  const idle = () => {
    busy = false;
    whenIdle?.();
  };
  const end = async () => {
    if (busy) {
      await new Promise<void>((resolve) => {
        whenIdle = resolve;
        // The process must not end meanwhile: that, too, would cut into the run.
        worker.ref();
        setTimeout(resolve, LAST_RUN_MS).unref();
      });
    }
    if (!busy) return void (await worker.terminate());
    worker.unref();
    whenIdle = () => void worker.terminate();
  };
  worker.on('message', (reply: WorkerReply) => {
    idle();
    current?.finish(reply);
  });
  worker.on('exit', idle);
  worker.on('messageerror', (error) => die(crash(`A model worker sent what could not be read: ${error.message}`, error)));
  worker.on('error', (error) => die(crash(`A model worker crashed: ${error.message}`, error)));
  worker.on('exit', (code) => die(crash(`A model worker ended with exit code ${code}.`)));

  return {
    models,
    request(message, timeoutMs, transfer = []) {
      return new Promise((resolve, reject) => {
        if (dead) return reject(crash('A model worker had ended.'));
        const timer = setTimeout(() => {
          // A native call cannot be interrupted: the thread ends when it returns, and nobody waits for that.
          void end();
          die(
            new ResiftError('timeout', `A model worker did not answer within ${timeoutMs} ms and was replaced.`, {
              details: { reason: 'worker_crash', timeoutMs },
            }),
          );
        }, timeoutMs);
        current = {
          message,
          finish(reply) {
            clearTimeout(timer);
            current = undefined;
            worker.unref();
            if (reply instanceof ResiftError) return reject(reply);
            if (reply.kind === 'loaded') models.add(message.model);
            if (reply.kind === 'dropped') models.delete(message.model);
            resolve(reply);
          },
        };
        worker.ref();
        busy = true;
        worker.postMessage(message, transfer);
      });
    },
    async terminate() {
      die(new ResiftError('unavailable', 'The model pool was closed.', { details: { reason: 'aborted' } }));
      await end();
    },
  };
}

function startThread({ workerFile: file, ...settings }: PoolWorkerSettings): Worker {
  const options = { workerData: settings, name: 'resift-onnx' };
  if (!file.endsWith('.ts')) return new Worker(file, { ...options, execArgv: [] });
  // From source: `--import tsx` has no effect in the threads of Node 20, so the thread registers it before it imports the file.
  // A name in a variable, so that no bundler looks for tsx.
  const tool = 'tsx/esm/api';
  const tsx = pathToFileURL(createRequire(file).resolve(tool).replace(/cjs$/, 'mjs')).href;
  const code = `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(pathToFileURL(file).href)}); })`;
  return new Worker(code, { ...options, eval: true, execArgv: ['--conditions=@resift/source'] });
}

function crash(message: string, cause?: unknown) {
  return new ResiftError('unavailable', `${message} It is replaced; try again.`, { cause, details: { reason: 'worker_crash' } });
}
