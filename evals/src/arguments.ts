import { parseArgs } from 'node:util';
import { ResiftError } from '@resift/core';
import type { FirstStage } from 'resift/evaluation/search-system';

export const HELP = `Usage: npm run eval -- <command> [options]

  beir               BM25, dense and hybrid over a BEIR collection, each alone and reranked (default: SciFact)
  headline           the same questions with and without a reranker: right answers, hallucinations, gold passages;
                     several tables, or with --sets, --first, --rerankers, --top, --candidates one of your own
  frontier           quality against latency over models and numbers of candidates
  judges             the judges of groundedness against human labels
  meter              proof of the hallucination meter with a generator that plants known shares
  run FILE           an experiment of your own: .yaml, .json or .ts (docs: evals/README.md)
  compare A B        two results of one experiment; exit code 1 on a significant regression
  report RESULT      writes RESULT.html and RESULT.md again

Options
  --set NAME         beir, frontier: a folder of the data's beir/ (default scifact)
  --tables LIST      headline: main, traps, pools, search, top5 (default the first three)
  --sets LIST        headline: sets of qa/, beir:NAME, traps (default squad2_dev,nq_oracle)
  --first LIST       headline: bm25, dense, hybrid (default bm25,hybrid)
  --rerankers LIST   tiny, mini, cascade; none for no reranked system (default cascade; frontier: all)
  --top LIST         headline: passages for the generator (default 3)
  --candidates N     passages that retrieval gives (default 100; beir: 200)
  --limit N          about N questions, evenly spread; judges: of each set
  --timed N          frontier: questions whose time is taken (default 6)
  --distractors      headline: also store the contexts of rows that are not asked
  --judge NAME       headline, meter: model or lexical (default model)
  --data DIR         the public data sets (default ../shared/data)
  --out DIR          where results go (default evals/results)
  --allow-degraded   take runs with degraded queries; the result says that it is not valid
  --json             results on standard output

A run that was stopped goes on where it was. Exit codes: 0 done, 1 failed or a regression, 2 wrong use.
`;

export interface Arguments {
  readonly command: string | undefined;
  readonly files: readonly string[];
  readonly set?: string | undefined;
  readonly tables?: readonly string[] | undefined;
  readonly sets?: readonly string[] | undefined;
  readonly first?: readonly FirstStage[] | undefined;
  readonly rerankers?: readonly string[] | undefined;
  readonly top?: readonly number[] | undefined;
  readonly candidates?: number | undefined;
  readonly limit?: number | undefined;
  readonly timed?: number | undefined;
  readonly judge: 'model' | 'lexical';
  readonly distractors: boolean;
  readonly data?: string | undefined;
  readonly out?: string | undefined;
  readonly allowDegraded: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** Reads the command line. Anything unknown or malformed is `invalid_input` with what was expected. */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parsed(argv);
  return {
    command: positionals[0],
    files: positionals.slice(1),
    set: values.set,
    tables: list(values.tables),
    sets: list(values.sets),
    first: list(values.first)?.map((name) => oneOf('first', name, ['bm25', 'dense', 'hybrid'])),
    rerankers: list(values.rerankers)
      ?.map((name) => oneOf('rerankers', name, ['none', 'tiny', 'mini', 'cascade']))
      .filter((name) => name !== 'none'),
    top: list(values.top)?.map((written) => wholeNumber('top', written)),
    candidates: values.candidates === undefined ? undefined : wholeNumber('candidates', values.candidates),
    limit: values.limit === undefined ? undefined : wholeNumber('limit', values.limit),
    timed: values.timed === undefined ? undefined : wholeNumber('timed', values.timed),
    judge: oneOf('judge', values.judge ?? 'model', ['model', 'lexical']),
    distractors: values.distractors ?? false,
    data: values.data,
    out: values.out,
    allowDegraded: values['allow-degraded'] ?? false,
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

function parsed(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        set: text,
        tables: text,
        sets: text,
        first: text,
        rerankers: text,
        top: text,
        candidates: text,
        limit: text,
        timed: text,
        judge: text,
        distractors: flag,
        data: text,
        out: text,
        'allow-degraded': flag,
        json: flag,
        help: { ...flag, short: 'h' },
      },
    });
  } catch (cause) {
    throw new ResiftError('invalid_input', `${(cause as Error).message}\n\n${HELP}`, { cause });
  }
}

function list(written: string | undefined): string[] | undefined {
  return written
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function oneOf<T extends string>(option: string, written: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === written);
  if (found !== undefined) return found;
  throw new ResiftError('invalid_input', `--${option}: expected ${allowed.join(', ')}; got "${written}".`);
}

function wholeNumber(option: string, written: string): number {
  if (/^[1-9]\d{0,6}$/.test(written)) return Number(written);
  throw new ResiftError('invalid_input', `--${option}: expected a whole number of 1 or more, got "${written}".`);
}
