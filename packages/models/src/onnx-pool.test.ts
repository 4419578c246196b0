import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { onGrid } from '@resift/core';
import { afterEach, expect, it } from 'vitest';
import { createOnnxPool, type Feeds, type OnnxPool, type OnnxPoolOptions } from './onnx-pool.ts';

const fixtures = new URL('../fixtures/', import.meta.url);
const fake = new URL('fake-runtime.mjs', fixtures).href;
const commands = { echo: 0, wait: 1, throw: 2, exit: 3, loop: 4, reject: 5, odd: 6 };

let pool: OnnxPool;
afterEach(() => pool.close());

/** An input over shared memory, by which the test and the fake model see each other. */
function gate(command: keyof typeof commands) {
  const shared = new Int32Array(new SharedArrayBuffer(12));
  shared[0] = commands[command];
  const feeds: Feeds = { gate: { dims: [3], data: new Float32Array(shared.buffer) } };
  return {
    feeds,
    begun: () => Atomics.load(shared, 1),
    release() {
      Atomics.store(shared, 2, 1);
      Atomics.notify(shared, 2);
    },
    async untilBegun() {
      while (Atomics.load(shared, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
  };
}

function fakePool(options: OnnxPoolOptions = {}) {
  pool = createOnnxPool({ workers: 1, runtime: fake, ...options });
  return pool.open(Buffer.from('fine'), { name: 'fake.onnx' });
}

it('puts an output on the int8 grid as @resift/core does, numbers that are none included', async () => {
  const model = await fakePool();
  const { out } = await model.run(gate('odd').feeds, { grid: 'out' });
  const { out: plain } = await model.run(gate('odd').feeds);
  expect([plain!.data.length, plain!.grid]).toEqual([10, undefined]);
  const expected = onGrid({ count: 5, dimensions: 2, data: plain!.data, offsets: new Uint32Array(10) });
  expect([out!.dims, out!.grid, out!.data]).toEqual([[1, 5, 2], expected.data, expected.scales]);
});

it('runs a real model, from its bytes, its path or a function', async () => {
  pool = createOnnxPool({ workers: 2 });
  const path = new URL('encoder.onnx', fixtures).pathname;
  const ints = (...data: number[]) => ({ dims: [1, data.length], data: Int32Array.from(data) });
  const answers = await Promise.all(
    [path, await readFile(path), () => readFile(path)].map(async (source) => {
      const model = await pool.open(source);
      expect(model.inputs).toEqual(['input_ids', 'attention_mask']);
      return model.run({ input_ids: ints(2, 40, 3), attention_mask: ints(1, 1, 1) });
    }),
  );
  for (const { token_vectors, sentence_vector } of answers) {
    expect(token_vectors?.dims).toEqual([1, 3, 8]);
    expect(Math.hypot(...sentence_vector!.data)).toBeCloseTo(1, 5);
    expect(sentence_vector).toEqual(answers[0]?.sentence_vector);
  }
});

it('brings back only the outputs asked for', async () => {
  pool = createOnnxPool({ workers: 1 });
  const model = await pool.open(new URL('encoder.onnx', fixtures).pathname);
  const ints = { dims: [1, 2], data: Int32Array.of(1, 1) };
  const answer = await model.run({ input_ids: ints, attention_mask: ints }, { outputs: ['sentence_vector'] });
  expect(Object.keys(answer)).toEqual(['sentence_vector']);
});

it('leaves the event loop free while a model computes', async () => {
  const model = await fakePool();
  const waiting = gate('wait');
  const answer = model.run(waiting.feeds);
  await waiting.untilBegun(); // the worker's thread is blocked now; only a free loop can release it
  waiting.release();
  expect((await answer)['out']?.data[0]).toBe(commands.wait);
});

it('never runs a batch whose signal aborted before it began', async () => {
  const model = await fakePool();
  const first = gate('wait');
  const running = model.run(first.feeds);
  await first.untilBegun();
  const controller = new AbortController();
  const second = gate('echo');
  const aborted = model.runAll([[second.feeds], [second.feeds]], { signal: controller.signal });
  const reason = new Error('the user left');
  controller.abort(reason);
  await expect(aborted).rejects.toBe(reason);
  first.release();
  await running;
  await model.run(gate('echo').feeds);
  expect(second.begun()).toBe(0);
  expect(pool.stats().waiting).toBe(0);
});

it('stops a call between its batches', async () => {
  const model = await fakePool();
  const controller = new AbortController();
  const [first, second] = [gate('wait'), gate('echo')];
  const call = model.runAll([[first.feeds], [second.feeds]], { signal: controller.signal });
  await first.untilBegun();
  controller.abort(new Error('enough'));
  await expect(call).rejects.toThrow('enough');
  first.release();
  await model.run(gate('echo').feeds);
  expect(second.begun()).toBe(0);
});

it('refuses a call whose signal aborted before, with its reason', async () => {
  const model = await fakePool();
  await expect(model.run(gate('echo').feeds, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone');
});

it.each(['exit', 'reject'] as const)('rejects the running call and replaces the worker when it dies (%s)', async (command) => {
  const model = await fakePool();
  await expect(model.run(gate(command).feeds)).rejects.toMatchObject({ code: 'unavailable', details: { reason: 'worker_crash' } });
  expect((await model.run(gate('echo').feeds))['out']?.data[0]).toBe(0);
  expect(pool.stats()).toMatchObject({ restarts: 1, busy: 0 });
});

it('gives up a batch that hangs; other calls go on', async () => {
  const model = await fakePool({ workers: 2, runTimeoutMs: 1_500 });
  const hanging = model.run(gate('loop').feeds);
  const others = Promise.all(Array.from({ length: 10 }, () => model.run(gate('echo').feeds)));
  await expect(hanging).rejects.toMatchObject({ code: 'timeout', details: { reason: 'worker_crash' } });
  expect(await others).toHaveLength(10);
  await model.run(gate('echo').feeds);
  expect(pool.stats().restarts).toBe(1);
});

it('keeps the worker when only the run fails', async () => {
  const model = await fakePool();
  await expect(model.run(gate('throw').feeds)).rejects.toThrow('bad dimensions');
  await model.run(gate('echo').feeds);
  expect(pool.stats().restarts).toBe(0);
});

it('names the file that is no model, and what is missing without ONNX Runtime', async () => {
  pool = createOnnxPool({ workers: 1, runtime: fake });
  await expect(pool.open(Buffer.from('damaged'), { name: 'broken.onnx' })).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('broken.onnx'),
  });
  await expect(pool.open(Buffer.from('fatal'))).rejects.toMatchObject({ details: { reason: 'worker_crash' } });
  await pool.close();
  pool = createOnnxPool({ workers: 1, runtime: 'not-installed-here' });
  await expect(pool.open('any.onnx')).rejects.toThrow('npm install onnxruntime-node');
});

it('passes on why a model file could not be read', async () => {
  pool = createOnnxPool({ workers: 1, runtime: fake });
  const reason = new Error('the sum is wrong');
  await expect(pool.open(() => Promise.reject(reason))).rejects.toBe(reason);
});

it('refuses a call too many, whole, and says when to come again', async () => {
  const model = await fakePool({ maxWaiting: 1 });
  const first = gate('wait');
  const running = model.run(first.feeds);
  await first.untilBegun();
  const waiting = model.run(gate('echo').feeds);
  const refused = gate('echo');
  await expect(model.runAll([[refused.feeds], [refused.feeds]])).rejects.toMatchObject({
    code: 'overloaded',
    details: { retryAfterMs: expect.any(Number) },
  });
  first.release();
  await Promise.all([running, waiting]);
  expect(refused.begun()).toBe(0);
});

it('takes urgent calls first and lets calls of one priority take turns', async () => {
  const model = await fakePool();
  const first = gate('wait');
  const running = model.run(first.feeds);
  await first.untilBegun();
  const order: string[] = [];
  const call = (name: string, batches: number, priority = 0) =>
    model
      .runAll(
        Array.from({ length: batches }, () => [gate('echo').feeds]),
        { priority },
      )
      .then(() => order.push(name));
  const calls = [call('long', 5), call('short', 1), call('urgent', 2, 1)];
  first.release();
  await Promise.all([running, ...calls]);
  expect(order).toEqual(['urgent', 'short', 'long']);
});

it('loads a model everywhere when asked to', async () => {
  let reads = 0;
  pool = createOnnxPool({ workers: 3, runtime: fake });
  const model = await pool.open(async () => {
    reads += 1;
    return new Uint8Array(8);
  });
  await model.warm();
  expect([reads, pool.stats().started]).toEqual([3, 3]);
});

it('ends what waits when it is closed, and closes twice', async () => {
  const model = await fakePool();
  const calls = [gate('wait'), gate('echo')].map((each) => model.run(each.feeds));
  const results = Promise.allSettled(calls);
  await pool.close();
  for (const result of await results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
  await pool.close();
  await expect(model.run(gate('echo').feeds)).rejects.toMatchObject({ code: 'unavailable' });
});

it('lets a script end by itself that never closes it', async () => {
  const code = `
    const { createOnnxPool } = await import(${JSON.stringify(new URL('onnx-pool.ts', import.meta.url).href)});
    const pool = createOnnxPool({ workers: 2 });
    const model = await pool.open(${JSON.stringify(new URL('encoder.onnx', fixtures).pathname)});
    await model.warm();
    const ints = { dims: [1, 2], data: Int32Array.of(1, 1) };
    const { sentence_vector } = await model.run({ input_ids: ints, attention_mask: ints });
    console.log(sentence_vector.data.length);`;
  const args = ['--conditions=@resift/source', '--import', 'tsx', '--input-type=module', '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: new URL('.', fixtures), timeout: 50_000 });
  expect(stdout.trim()).toBe('16');
});

it('refuses a number of workers that is none', () => {
  expect(() => createOnnxPool({ workers: 0 })).toThrow('workers');
});

it('says how to install an execution provider that is not there', async () => {
  await using cuda = createOnnxPool({ workers: 1, executionProviders: ['cuda', 'cpu'] });
  const opened = cuda.open(new URL('../fixtures/pair.onnx', import.meta.url).pathname, { name: 'pair.onnx' });
  await expect(opened).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('--onnxruntime-node-install=cuda12'),
  });
});
