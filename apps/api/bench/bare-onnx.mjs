// Bare onnxruntime-node for a benchmark: one thread with one session, which runs the token ids it is sent, one text at a time, and does nothing with the result.
import { parentPort, workerData } from 'node:worker_threads';

const { default: ort } = await import(workerData.runtime);

const options = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  enableCpuMemArena: false,
  enableMemPattern: false,
};
const session = await ort.InferenceSession.create(workerData.model, options);
parentPort.on('message', async (rows) => {
  for (const ids of rows) {
    const dims = [1, ids.length];
    await session.run({
      input_ids: new ort.Tensor('int64', ids, dims),
      attention_mask: new ort.Tensor('int64', new BigInt64Array(ids.length).fill(1n), dims),
    });
  }
  parentPort.postMessage('done');
});
parentPort.postMessage('ready');
