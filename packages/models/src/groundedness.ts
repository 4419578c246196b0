import { type GroundednessModel, ResiftError } from '@resift/core';
import { type Evidence, evidenceOf, lexicalFeatures, share } from './internal/ground-features.ts';
import { calibrate, linearLogit } from './internal/linear.ts';
import { type PairWindow, pairWindows } from './internal/pair-windows.ts';
import { requireOutputs, runWindows } from './internal/run-windows.ts';
import { terms } from './internal/terms.ts';
import type { Lexicon } from './lexicon.ts';
import type { GroundEntry } from './manifest.ts';
import type { OnnxPool, OnnxSource } from './onnx-pool.ts';
import type { Tokens, WordPiece } from './wordpiece.ts';

export interface GroundednessOptions {
  readonly pool: OnnxPool;
  readonly file: OnnxSource;
  /** Of the file, for errors. Default: the id. */
  readonly name?: string | undefined;
  readonly tokenizer: WordPiece;
  readonly lexicon: Lexicon;
  readonly spec: Omit<GroundEntry, 'file'>;
  /** Names the model and the hash of its file. */
  readonly id: string;
}

const OUTPUTS = { logit: 1 } as const;

/**
 * Opens a groundedness model as `packages/models-en/training/FEATURES-GROUND.md` defines it. A claim over `maxClaimTokens` is cut
 * and counted in `usage.truncated`; a `tokenBudget` that does not reach is `over_budget`.
 */
export async function openGroundedness(options: GroundednessOptions): Promise<GroundednessModel> {
  const { pool, file, tokenizer, lexicon, spec, id } = options;
  const model = await pool.open(file, { name: options.name ?? id });
  requireOutputs(model, Object.keys(OUTPUTS), id);

  return {
    id,
    threshold: spec.threshold,
    async check(context, claims, { signal, tokenBudget } = {}) {
      signal?.throwIfAborted();
      const text = tokenizer.encode(context);
      const evidence = evidenceOf(context);
      const read = claims.map((claim) => tokenizer.encode(claim, { maxTokens: spec.maxClaimTokens }));
      const blank = read.findIndex(({ ids }) => ids.length === 0);
      if (blank >= 0) throw new ResiftError('invalid_input', `Expected claims[${blank}] to have at least one letter, digit or sign.`);
      const windows = read.map(({ ids }, i) => bestWindows(claims[i]!, context, text, pairWindows(tokenizer.frame, ids, text, spec)));
      const { rows, usage } = await runWindows(
        { model, pool, frame: tokenizer.frame, id, outputs: OUTPUTS, batch: spec.batch },
        windows.flat(),
        {
          signal,
          tokenBudget,
        },
      );

      let row = 0;
      const probabilities = claims.map((claim, i) => {
        const logits = windows[i]!.map(() => {
          const logit = rows[row++]?.['logit'];
          if (logit) return logit[0]!;
          throw new ResiftError('over_budget', `Checking takes more than the ${tokenBudget} tokens allowed.`, { details: { tokenBudget } });
        });
        return probabilityOf(claim, evidence, logits);
      });
      return { probabilities, usage: { ...usage, truncated: read.filter(({ truncated }) => truncated).length } };
    },
  };

  function probabilityOf(claim: string, evidence: Evidence, logits: readonly number[]): number {
    const features = { ...lexicalFeatures(claim, evidence, lexicon), neural: Math.max(...logits), windows: Math.log(logits.length) };
    const logit = linearLogit(spec, features);
    if (Number.isFinite(logit)) return calibrate(spec.calibration, logit);
    throw new ResiftError('bad_output', `${id} gave a logit that is not a number.`);
  }

  /** Of too many windows those that share most of the claim's terms, in order of place. */
  function bestWindows(claim: string, context: string, { offsets }: Tokens, windows: PairWindow[]): PairWindow[] {
    if (windows.length <= spec.maxWindows) return windows;
    const wanted = new Set(terms(claim));
    const shares = windows.map(({ first, count }) => {
      const part = context.slice(offsets[2 * first], offsets[2 * (first + count) - 1]);
      return share(wanted, new Set(terms(part)), lexicon);
    });
    const best = [...windows.keys()].sort((a, b) => shares[b]! - shares[a]! || a - b).slice(0, spec.maxWindows);
    return best.sort((a, b) => a - b).map((position) => windows[position]!);
  }
}
