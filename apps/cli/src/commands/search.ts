import { Command, Option } from 'commander';
import { openBackend, postJson, readJson } from '../backend.ts';
import { untilInterrupted } from '../interrupt.ts';
import { colours, oneLine, print } from '../terminal.ts';
import { type CollectionOptions, PRESETS, withCollection } from './options.ts';

interface SearchOptions extends CollectionOptions {
  readonly top: number;
  readonly rerank: boolean;
  readonly preset?: string;
  readonly candidates?: number;
  readonly retriever?: string;
}

interface Found {
  readonly results: readonly {
    readonly document_id: string;
    readonly title?: string;
    readonly text: string;
    readonly score?: number;
    readonly scale: string;
    readonly label?: string;
    readonly first_stage: { readonly rank: number };
  }[];
  readonly rerank: { readonly status: string; readonly reason?: string; readonly reranker: string; readonly elapsedMs: number };
}

/** `resift search "..."`: the reranked passages, with the rank that each had before. */
export function searchCommand(): Command {
  return withCollection(new Command('search'))
    .description('Find passages and rerank them. Each line shows the rank a passage had before reranking.')
    .argument('<query>', 'what to look for')
    .option('-n, --top <number>', 'how many results', wholeNumber, 10)
    .option('--candidates <number>', 'how many candidates to rerank (default: 100)', wholeNumber)
    .addOption(new Option('--retriever <name>', 'the first stage').choices(['hybrid', 'bm25', 'dense', 'late']))
    .addOption(new Option('--preset <name>', 'how much to spend on reranking').choices(PRESETS))
    .option('--no-rerank', 'keep the first-stage order')
    .action(async (query: string, options: SearchOptions) => {
      const body = {
        query,
        collection: options.collection,
        top_k: options.top,
        rerank: options.rerank,
        preset: options.preset,
        candidates: options.candidates,
        retriever: options.retriever,
      };
      const found = await untilInterrupted(async (signal) => {
        await using backend = await openBackend({ ...options, warm: true, signal });
        return await readJson<Found>(await backend.request('/v1/search', postJson(body, signal)));
      });
      print(found, { json: options.json, text: () => show(found) });
    });
}

export function wholeNumber(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`Expected a whole number of 1 or more, got ${value}.`);
  return number;
}

function show({ results, rerank }: Found): string {
  if (results.length === 0) return 'Nothing found.';
  const lines = results.map(({ document_id, title, text, score, label, first_stage }, i) => {
    const moved = first_stage.rank - (i + 1);
    const arrow = moved > 0 ? colours.green(`↑${moved}`) : moved < 0 ? colours.red(`↓${-moved}`) : ' =';
    const figure = score === undefined ? '  –  ' : score.toFixed(3);
    const name = colours.bold(title ?? document_id) + (label ? colours.dim(` · ${label}`) : '');
    return `${String(i + 1).padStart(2)} ${arrow.padEnd(4)} ${figure}  ${name}\n               ${colours.dim(oneLine(text, 160))}`;
  });
  const status = `rerank: ${rerank.status}${rerank.reason ? ` (${rerank.reason})` : ''}, ${Math.round(rerank.elapsedMs)} ms, ${rerank.reranker}`;
  return [...lines, colours.dim(status)].join('\n');
}
