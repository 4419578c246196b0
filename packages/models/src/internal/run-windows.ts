import { type CallOptions, ResiftError, type Usage } from '@resift/core';
import type { Feeds, OnnxModel, OnnxPool, OutputTensor } from '../onnx-pool.ts';
import type { PairFrame } from '../pair-tokenizer.ts';
import { type PairWindow, pairFeeds } from './pair-windows.ts';
import { planGroups, planUsage } from './plan.ts';

/** As much as an aborted call may still run: a quarter of a second on a slow core, six layers of 384. */
const GROUP_TOKENS = 1_024;

export interface WindowRun {
  readonly model: OnnxModel;
  readonly pool: OnnxPool;
  readonly frame: PairFrame;
  readonly id: string;
  /** Outputs to bring back, and how many numbers each has per window: so many, or one per token. */
  readonly outputs: Readonly<Record<string, number | 'each token'>>;
  readonly batch?: number | undefined;
}

export interface WindowResults {
  /** `rows[i]` belongs to `windows[i]`, unpadded; `undefined` where the token budget did not reach. */
  readonly rows: (Readonly<Record<string, Float32Array>> | undefined)[];
  readonly usage: Partial<Usage>;
}

/** Runs windows of a pair model in batches of similar length (`batch` 1 by default) and takes the results apart again. */
export async function runWindows(
  { model, pool, frame, id, outputs, batch = 1 }: WindowRun,
  windows: readonly PairWindow[],
  { signal, tokenBudget }: CallOptions,
): Promise<WindowResults> {
  const lengths = windows.map(({ ids }) => ids.length);
  const plan = planGroups(lengths, { batch, groupTokens: GROUP_TOKENS, workers: pool.workers, tokenBudget });
  const groups = plan.map((batches) =>
    batches.map((positions) =>
      knownFeeds(
        model,
        pairFeeds(
          positions.map((position) => windows[position]!),
          frame,
        ),
      ),
    ),
  );
  const results = (await model.runAll(groups, { signal, outputs: Object.keys(outputs) })).flat();

  const rows: WindowResults['rows'] = windows.map(() => undefined);
  for (const [i, positions] of plan.flat().entries()) {
    const width = Math.max(...positions.map((position) => lengths[position]!));
    const tensors = Object.entries(outputs).map(([name, size]) => {
      const perText = size === 'each token' ? width : size;
      return { name, size, perText, data: dataOf(results[i]![name], positions.length * perText, name, id) };
    });
    for (const [row, position] of positions.entries()) {
      rows[position] = Object.fromEntries(
        tensors.map(({ name, size, perText, data }) => {
          const start = row * perText;
          return [name, data.slice(start, start + (size === 'each token' ? lengths[position]! : size))];
        }),
      );
    }
  }
  return { rows, usage: planUsage(plan, lengths, () => false) };
}

/** Some models (RoBERTa, DistilBERT) know no token types. */
export function knownFeeds({ inputs }: OnnxModel, feeds: Feeds): Feeds {
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => inputs.includes(name)));
}

function dataOf(tensor: OutputTensor | undefined, size: number, name: string, id: string): Float32Array {
  if (tensor?.data.length === size) return tensor.data;
  throw new ResiftError('bad_output', `Expected ${name} of ${id} to be ${size} numbers, got the shape [${tensor?.dims}].`);
}

/** Throws `corrupt` when the model lacks an output that is needed. */
export function requireOutputs(model: OnnxModel, names: readonly string[], id: string): void {
  const missing = names.filter((name) => !model.outputs.includes(name));
  if (missing.length === 0) return;
  throw new ResiftError(
    'corrupt',
    `Expected the model ${id} to have the outputs ${missing.join(', ')}; it has ${model.outputs.join(', ')}.`,
  );
}
