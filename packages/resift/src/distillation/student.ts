import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Closable, type Reranker, ResiftError } from '@resift/core';
import { openEmbedded } from '@resift/models/embedded';
import { openEncoder } from '@resift/models/encoder';
import { openPairModel } from '@resift/models/pair-model';
import { modelsFolder, onnxRuntime } from '@resift/models-en';
import { crossEncoder } from '@resift/reranker/cross-encoder';
import { lateInteraction } from '@resift/reranker/late-interaction';
import { z } from 'zod';

const manifest = z.object({
  student: z.enum(['late-interaction', 'cross-encoder']),
  dimensions: z.int(),
  tokenDimensions: z.int(),
  maxTokens: z.int(),
  queryTokens: z.int(),
  head: z.object({
    features: z.array(z.string()),
    mean: z.array(z.number()),
    scale: z.array(z.number()),
    weights: z.array(z.number()),
    bias: z.number(),
  }),
});

export interface OpenStudentOptions {
  /** `initial` is the student before it learned anything. Default `student`. */
  readonly state?: 'student' | 'initial' | undefined;
  /** Threads, one core each. Default: the cores, at most 4. */
  readonly workers?: number | undefined;
}

/** Opens what `resift distil` trained: `student.onnx` and `student.json` of a folder. It reads with the vocabulary of the embedded models. */
export async function openStudent(
  folder: string,
  { state = 'student', workers }: OpenStudentOptions = {},
): Promise<Reranker<'logit'> & Closable> {
  const path = join(folder, 'student.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ResiftError('not_found', `There is no ${path}: expected the folder of a student that was trained to its end.`, { cause });
  });
  const read = manifest.safeParse(JSON.parse(text));
  if (!read.success) throw new ResiftError('corrupt', `${path} does not describe a student: ${z.prettifyError(read.error)}`);
  const { student, head, ...spec } = read.data;
  const embedded = await openEmbedded(modelsFolder, { workers, runtime: onnxRuntime() });
  const { pool, tokenizer } = embedded;
  const model = { pool, tokenizer, file: join(folder, `${state}.onnx`), id: `${state}(${student})` };
  try {
    const reranker =
      student === 'cross-encoder'
        ? crossEncoder(await openPairModel({ ...model, maxTokens: spec.maxTokens }))
        : lateInteraction(await openEncoder({ ...model, spec }), { head });
    return { ...reranker, close: embedded.close, [Symbol.asyncDispose]: embedded.close };
  } catch (error) {
    await embedded.close();
    throw error;
  }
}
