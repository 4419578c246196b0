import { ResiftError } from '@resift/core';
import { z } from 'zod';

/** An experiment as data: what a YAML or JSON file holds, or the default export of a TypeScript file. */
export interface ExperimentSpec {
  readonly name: string;
  /** A folder in BEIR layout, or two JSON Lines files. Paths are relative to the experiment's file. */
  readonly data: { readonly beir: string } | { readonly questions: string; readonly documents: string };
  /** Default hybrid. */
  readonly firstStages?: readonly ('bm25' | 'dense' | 'hybrid')[];
  /** The first one is what the others are compared with. Default none, cascade. */
  readonly rerankers?: readonly ('none' | 'tiny' | 'mini' | 'cascade')[];
  /** Passages that retrieval gives and the reranker reads. Default 100. */
  readonly candidates?: number;
  /** `none` (default) measures ranking only; `chat` needs a chat model. */
  readonly generator?: 'none' | 'extractive' | 'chat';
  /** Passages that the generator is given. Default 5. */
  readonly topN?: readonly number[];
  /** Ranking metrics by the names of ir_measures; the metrics of answers come with the generator. */
  readonly metrics?: readonly string[];
  /** Default 1. */
  readonly seeds?: readonly number[];
}

const path = z.string().min(1);
const schema: z.ZodType<Required<ExperimentSpec>> = z.strictObject({
  name: z.string().min(1),
  data: z.union([z.strictObject({ beir: path }), z.strictObject({ questions: path, documents: path })]),
  firstStages: z
    .array(z.enum(['bm25', 'dense', 'hybrid']))
    .min(1)
    .default(['hybrid']),
  rerankers: z
    .array(z.enum(['none', 'tiny', 'mini', 'cascade']))
    .min(1)
    .default(['none', 'cascade']),
  candidates: z.int().min(1).max(1000).default(100),
  generator: z.enum(['none', 'extractive', 'chat']).default('none'),
  topN: z.array(z.int().min(1).max(50)).min(1).default([5]),
  metrics: z.array(z.string()).min(1).default(['nDCG@10', 'R@10', 'R@100', 'P@5', 'RR@10']),
  seeds: z.array(z.int()).min(1).default([1]),
});

/** Checks an experiment and fills in the defaults. `invalid_config` names every mistake at once. */
export function readExperimentSpec(given: unknown): Required<ExperimentSpec> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ResiftError('invalid_config', `This is no experiment:\n${z.prettifyError(parsed.error)}`);
}
