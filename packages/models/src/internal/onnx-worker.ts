import { parentPort, workerData } from 'node:worker_threads';
import type * as Ort from 'onnxruntime-node';
import type { Feed, Feeds, Outputs, OutputsWanted, OutputTensor, WorkerReply, WorkerRequest, WorkerSettings } from './onnx-protocol.ts';

// The thread in which models run: `session.run()` blocks the thread that calls it, so this is never the main one.
const port = parentPort!;
const settings = workerData as WorkerSettings;
const sessions = new Map<number, Ort.InferenceSession>();
let runtime: Promise<typeof Ort> | undefined;

port.on('message', async (request: WorkerRequest) => {
  const { reply, transfer } = await answer(request);
  port.postMessage(reply, transfer);
});

async function answer(request: WorkerRequest): Promise<{ reply: WorkerReply; transfer: ArrayBuffer[] }> {
  let during: 'import' | 'load' | 'run' = 'import';
  try {
    runtime ??= importRuntime();
    const ort = await runtime;
    if (request.kind === 'load') {
      during = 'load';
      const session = await createSession(ort, request.source);
      sessions.set(request.model, session);
      return { reply: { kind: 'loaded', inputs: session.inputNames, outputs: session.outputNames }, transfer: [] };
    }
    during = 'run';
    const session = sessions.get(request.model);
    if (request.kind === 'drop') {
      sessions.delete(request.model);
      await session?.release();
      return { reply: { kind: 'dropped' }, transfer: [] };
    }
    if (!session) throw new Error('The model is not loaded in this worker.');
    const outputs: Outputs[] = [];
    for (const feeds of request.batches) outputs.push(await run(ort, session, feeds, request.wanted));
    const tensors = outputs.flatMap((each) => Object.values(each));
    return {
      reply: { kind: 'ran', outputs },
      transfer: tensors.flatMap(({ data, grid }) => (grid ? [data.buffer, grid.buffer] : [data.buffer])),
    };
  } catch (error) {
    if (during === 'import') runtime = undefined;
    return { reply: { kind: 'failed', during, message: error instanceof Error ? error.message : String(error) }, transfer: [] };
  }
}

async function importRuntime(): Promise<typeof Ort> {
  const module = (await import(settings.runtime)) as typeof Ort & { default?: typeof Ort };
  return module.default ?? module;
}

function createSession(ort: typeof Ort, source: Uint8Array | string): Promise<Ort.InferenceSession> {
  const options: Ort.InferenceSession.SessionOptions = {
    executionProviders: settings.executionProviders,
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: settings.memoryArena,
    enableMemPattern: settings.memoryArena,
    logSeverityLevel: 4,
  };
  // The overloads of `create` do not take a union.
  return typeof source === 'string' ? ort.InferenceSession.create(source, options) : ort.InferenceSession.create(source, options);
}

async function run(ort: typeof Ort, session: Ort.InferenceSession, feeds: Feeds, wanted: OutputsWanted): Promise<Outputs> {
  const inputs: Record<string, Ort.Tensor> = {};
  for (const [name, feed] of Object.entries(feeds)) inputs[name] = tensorOf(ort, feed);
  const results = wanted.outputs ? await session.run(inputs, [...wanted.outputs]) : await session.run(inputs);

  const outputs: Record<string, OutputTensor> = {};
  for (const [name, { data, dims }] of Object.entries(results)) {
    if (!(data instanceof Float32Array)) throw new Error(`Expected the output ${name} to be float32.`);
    // A copy, because the runtime's own memory cannot be handed to another thread.
    outputs[name] = name === wanted.grid ? onGrid(data, dims) : { dims: [...dims], data: new Float32Array(data) };
  }
  return outputs;
}

/** Added and taken away again, it rounds to a whole number, halves to the even one. */
const NO_FRACTION = 6_755_399_441_055_744;

/**
 * The very numbers of `onGrid` of `@resift/core`, of which there is a second copy here because this file runs without any package (a bundle copies it alone); the encoder's tests compare
 * the two. In this thread it runs beside the others, and the floats need not leave it.
 */
function onGrid(from: Float32Array, dims: readonly number[]): OutputTensor {
  const size = dims.at(-1)!;
  const grid = new Int8Array(from.length);
  const scales = new Float32Array(from.length / size);
  for (let row = 0; row < scales.length; row++) {
    const [start, end] = [row * size, (row + 1) * size];
    let most = 0;
    for (let k = start; k < end; k++) {
      const value = Math.abs(from[k]!);
      // Also where it is not a number, which then stays.
      if (!(value <= most)) most = value;
      if (Number.isNaN(most)) break;
    }
    if (most < 1e-30) continue;
    const scale = Math.fround(most / 127);
    scales[row] = scale;
    if (Number.isNaN(scale)) continue;
    for (let k = start; k < end; k++) grid[k] = Math.fround(from[k]! / scale) + NO_FRACTION - NO_FRACTION;
  }
  return { dims: [...dims], data: scales, grid };
}

function tensorOf(ort: typeof Ort, { data, dims }: Feed): Ort.Tensor {
  if (data instanceof Float32Array) return new ort.Tensor('float32', data, dims);
  const wide = new BigInt64Array(data.length);
  // Written as halves: making a BigInt for each number takes ten times as long.
  const halves = new Int32Array(wide.buffer);
  for (let i = 0; i < data.length; i += 1) {
    halves[2 * i] = data[i]!;
    halves[2 * i + 1] = data[i]! < 0 ? -1 : 0;
  }
  return new ort.Tensor('int64', wide, dims);
}
