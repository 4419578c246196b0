import { availableParallelism } from 'node:os';
import { type Closable, ResiftError, untilAborted } from '@resift/core';
import { createJobQueue, type Job } from './internal/job-queue.ts';
import { loadError } from './internal/load-error.ts';
import type { Feeds, Outputs, OutputsWanted, WorkerReply, WorkerSettings } from './internal/onnx-protocol.ts';
import { type PoolWorker, startPoolWorker } from './internal/pool-worker.ts';
import { workerFile } from './internal/worker-file.ts';

export type { Feed, Feeds, Outputs, OutputTensor } from './internal/onnx-protocol.ts';

/** The bytes of an `.onnx` file, its path, or a function that reads (and verifies) it, called for each worker that loads it. */
export type OnnxSource = Uint8Array | string | (() => Promise<Uint8Array>);

export interface OnnxPoolOptions {
  /** Threads, each with one intra-op thread. Default: the cores of the machine, at most 4. */
  readonly workers?: number | undefined;
  /** Most calls that may wait for a worker; one more is refused as `overloaded`. Default 64. */
  readonly maxWaiting?: number | undefined;
  /** A group of batches that takes longer is given up and its worker replaced. Default 30,000. */
  readonly runTimeoutMs?: number | undefined;
  /** Loading a model that takes longer is given up. Default 60,000. */
  readonly loadTimeoutMs?: number | undefined;
  /** What the workers import to get ONNX Runtime: a package name or a file URL. Default 'onnxruntime-node'. */
  readonly runtime?: string | undefined;
  /** Path of `onnx-worker.js` of `@resift/models`, for a bundle that is shipped without the package. Default: found by itself. */
  readonly workerFile?: string | undefined;
  /** ONNX Runtime's memory arena: it keeps the memory of the largest batch for good. Default false. */
  readonly memoryArena?: boolean | undefined;
  /** ONNX Runtime's execution providers, e.g. `['cuda', 'cpu']`: the first that supports a part of the model runs it. Default `['cpu']`. */
  readonly executionProviders?: readonly string[] | undefined;
}

export interface RunOptions extends OutputsWanted {
  /** What has not begun when it aborts never runs. */
  readonly signal?: AbortSignal | undefined;
  /** Higher goes first. Default 0. */
  readonly priority?: number | undefined;
}

/** A model that the pool's workers run. */
export interface OnnxModel {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  run(feeds: Feeds, options?: RunOptions): Promise<Outputs>;
  /**
   * Runs groups of batches, admitted as a whole or refused as a whole; `result[i][j]` belongs to `groups[i][j]`. One worker runs a
   * group, batch after batch, and nothing stops it halfway: make it as long as an abort may take, and not so short that
   * handing it over costs more than running it.
   */
  runAll(groups: readonly (readonly Feeds[])[], options?: RunOptions): Promise<Outputs[][]>;
  /** Loads it now in every worker that is free, so that no later call waits for that. */
  warm(): Promise<void>;
}

export interface OnnxPoolStats {
  /** Threads that exist. */
  readonly started: number;
  readonly busy: number;
  /** Calls with groups that no worker has begun. */
  readonly waiting: number;
  /** Workers lost to a crash or a timeout since the start. */
  readonly restarts: number;
}

/** Runs ONNX models in worker threads; the event loop stays free. An idle pool does not keep the process alive. */
export interface OnnxPool extends Closable {
  readonly workers: number;
  /** Loads the model in one worker, which also checks it; the others load it when they first need it. `name` is for errors. */
  open(source: OnnxSource, options?: { readonly name?: string | undefined }): Promise<OnnxModel>;
  stats(): OnnxPoolStats;
}

interface Model {
  readonly id: number;
  readonly name: string;
  readonly source: OnnxSource;
}

interface Call extends Job {
  readonly model: Model;
  /** Which idle worker to choose first: one that has the model, or (to warm it) one that does not. */
  readonly prefer: 'loaded' | 'not loaded';
  readonly work: (worker: PoolWorker, step: number) => Promise<void>;
  finished: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Threads where nothing else is asked for: one for each processor, at most 4. */
export function usualWorkers(): number {
  return Math.min(4, availableParallelism());
}

/** Starts no thread yet: workers are made when there is work, up to `workers`, and a lost one is replaced the same way. */
export function createOnnxPool(options: OnnxPoolOptions = {}): OnnxPool {
  const { maxWaiting = 64, runTimeoutMs = 30_000, loadTimeoutMs = 60_000 } = options;
  const workers = options.workers ?? usualWorkers();
  if (!Number.isInteger(workers) || workers < 1) {
    throw new ResiftError('invalid_config', `Expected \`workers\` to be a whole number of 1 or more, got ${workers}.`);
  }
  const settings = {
    runtime: options.runtime ?? 'onnxruntime-node',
    memoryArena: options.memoryArena ?? false,
    executionProviders: options.executionProviders ?? ['cpu'],
    workerFile: workerFile(options.workerFile),
  };
  const queue = createJobQueue<Call>();
  const open = new Set<Call>();
  /** Workers that are at a step, which may take several requests. */
  const held = new Set<PoolWorker>();
  let pool: PoolWorker[] = [];
  let models = 0;
  let restarts = 0;
  let closed = false;
  let stepMs = 100; // moving average

  function start(): PoolWorker {
    const worker: PoolWorker = startPoolWorker(settings, () => {
      pool = pool.filter((other) => other !== worker);
      if (!closed) restarts += 1;
    });
    pool.push(worker);
    return worker;
  }

  function idleWorker({ model, prefer }: Call): PoolWorker | undefined {
    const idle = pool.filter((worker) => !held.has(worker));
    const preferred = idle.find((worker) => worker.models.has(model.id) === (prefer === 'loaded'));
    if (preferred) return preferred;
    if (prefer === 'not loaded' && pool.length < workers) return start();
    return idle[0] ?? (pool.length < workers ? start() : undefined);
  }

  function pump() {
    for (let call = queue.peek(); call && !closed; call = queue.peek()) {
      const worker = idleWorker(call);
      if (!worker) return;
      held.add(worker);
      const { job, step } = queue.take()!;
      void work(worker, job, step);
    }
  }

  async function work(worker: PoolWorker, call: Call, step: number) {
    try {
      await call.work(worker, step);
      call.finished += 1;
      if (call.finished === call.steps) call.resolve();
    } catch (error) {
      queue.remove(call);
      call.reject(error);
    } finally {
      held.delete(worker);
      pump();
    }
  }

  async function schedule(
    { model, steps, prefer, work }: Pick<Call, 'model' | 'steps' | 'prefer' | 'work'>,
    { signal, priority = 0 }: RunOptions = {},
  ): Promise<void> {
    if (closed) throw closedError();
    signal?.throwIfAborted();
    if (queue.size >= maxWaiting) {
      const retryAfterMs = Math.ceil(Math.max(100, (queue.size * stepMs) / workers));
      throw new ResiftError('overloaded', `${queue.size} calls already wait for ${workers} model workers: try again later.`, {
        details: { retryAfterMs, waiting: queue.size },
      });
    }
    const { promise, resolve, reject } = deferred();
    const call: Call = { model, steps, prefer, work, priority, begun: 0, finished: 0, resolve, reject };
    const withdraw = () => queue.remove(call);
    signal?.addEventListener('abort', withdraw, { once: true });
    open.add(call);
    queue.add(call);
    pump();
    try {
      await untilAborted(promise, signal);
    } finally {
      open.delete(call);
      signal?.removeEventListener('abort', withdraw);
    }
  }

  async function load(worker: PoolWorker, model: Model): Promise<Extract<WorkerReply, { kind: 'loaded' }>> {
    const fresh = typeof model.source === 'function';
    const source = typeof model.source === 'function' ? await model.source() : model.source;
    // What was read for this alone is handed over; what the caller keeps is copied.
    const transfer = fresh && typeof source !== 'string' && source.buffer instanceof ArrayBuffer ? [source.buffer] : [];
    const reply = await worker.request({ kind: 'load', model: model.id, source }, loadTimeoutMs, transfer);
    if (reply.kind === 'loaded') return reply;
    throw failure(reply, model.name, settings);
  }

  async function runAll(model: Model, groups: readonly (readonly Feeds[])[], options: RunOptions = {}): Promise<Outputs[][]> {
    const results: Outputs[][] = [];
    if (groups.length === 0) return results;
    const work = async (worker: PoolWorker, step: number) => {
      if (!worker.models.has(model.id)) await load(worker, model);
      const began = performance.now();
      const request = {
        kind: 'run',
        model: model.id,
        batches: groups[step]!,
        wanted: { outputs: options.outputs, grid: options.grid },
      } as const;
      const reply = await worker.request(request, runTimeoutMs);
      if (reply.kind !== 'ran') throw failure(reply, model.name, settings);
      stepMs += 0.1 * (performance.now() - began - stepMs);
      results[step] = [...reply.outputs];
    };
    await schedule({ model, steps: groups.length, prefer: 'loaded', work }, options);
    return results;
  }

  async function close() {
    closed = true;
    queue.clear();
    for (const call of open) call.reject(closedError());
    await Promise.all(pool.map((worker) => worker.terminate()));
  }

  return {
    workers,
    async open(source, { name = typeof source === 'string' ? source : 'the model' } = {}) {
      models += 1;
      const model: Model = { id: models, name, source };
      let shape: { readonly inputs: readonly string[]; readonly outputs: readonly string[] } = { inputs: [], outputs: [] };
      await schedule({
        model,
        steps: 1,
        prefer: 'loaded',
        work: async (worker) => {
          shape = await load(worker, model);
        },
      });
      return {
        inputs: shape.inputs,
        outputs: shape.outputs,
        runAll: (groups, options) => runAll(model, groups, options),
        run: async (feeds, options) => (await runAll(model, [[feeds]], options))[0]![0]!,
        warm: () =>
          schedule({
            model,
            steps: workers,
            prefer: 'not loaded',
            work: async (worker) => {
              if (!worker.models.has(model.id)) await load(worker, model);
            },
          }),
      };
    },
    stats: () => ({ started: pool.length, busy: held.size, waiting: queue.size, restarts }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function deferred() {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function closedError() {
  return new ResiftError('unavailable', 'The model pool was closed.', { details: { reason: 'aborted' } });
}

function failure(reply: WorkerReply, name: string, { runtime, executionProviders }: WorkerSettings): ResiftError {
  if (reply.kind !== 'failed') return new ResiftError('unavailable', `A model worker gave an answer of the wrong kind (${reply.kind}).`);
  switch (reply.during) {
    case 'import':
      return new ResiftError(
        'unavailable',
        `Cannot load ONNX Runtime: install it with \`npm install onnxruntime-node --onnxruntime-node-install=skip\`, and keep it external where code is bundled. (${reply.message})`,
        {
          details: { reason: 'unavailable', runtime },
        },
      );
    case 'load':
      return loadError(reply.message, name, executionProviders);
    case 'run':
      return new ResiftError('unavailable', `ONNX Runtime failed to run ${name}: ${reply.message}`, { details: { reason: 'unavailable' } });
  }
}
