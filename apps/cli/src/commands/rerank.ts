import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { ResiftError, untilAborted } from '@resift/core';
import { Command, Option } from 'commander';
import { untilInterrupted } from '../interrupt.ts';
import { colours, oneLine } from '../terminal.ts';
import { wholeNumber } from './search.ts';

interface RerankOptions {
  readonly model: 'mini' | 'tiny' | 'cascade';
  readonly folder?: string;
  readonly file?: string;
  readonly field: string;
  readonly top?: number;
  readonly json: boolean;
}

interface Line {
  readonly id: string;
  readonly text: string;
  /** The line as it came, for `--json`. */
  readonly record: Record<string, unknown>;
}

/** `resift rerank "query" < passages`: lines or JSONL in, ranked out. Needs no server and no data folder. */
export function rerankCommand(): Command {
  return new Command('rerank')
    .description('Rank lines of text, or JSONL records with a text field, from stdin by a query. Prints score and text, best first.')
    .argument('<query>', 'what the passages are ranked by')
    .addOption(new Option('-m, --model <name>', 'the embedded model').choices(['mini', 'tiny', 'cascade']).default('cascade'))
    .option('--folder <path>', 'a cross-encoder of your own instead, as `resift models pull` prints its folder')
    .option('-f, --file <path>', 'read from a file instead of stdin')
    .option('--field <name>', 'the field that holds the text of a JSONL record', 'text')
    .option('-n, --top <number>', 'how many to print (default: all)', wholeNumber)
    .option('--json', 'print JSONL: the record with `index`, `score` and `rank` added', false)
    .action(async (query: string, options: RerankOptions) => {
      const { lines, items, skipped } = await untilInterrupted(async (signal) => {
        const lines = parse(
          options.file ? await readFile(options.file, { encoding: 'utf8', signal }) : await readStdin(signal),
          options.field,
        );
        const { localReranker } = await import('resift');
        await using reranker = await localReranker({ size: options.model, folder: options.folder });
        return { lines, ...(await reranker.rerank(query, lines, { topK: options.top, signal })) };
      });
      const shown = [...items, ...skipped.map((document) => ({ document, index: lines.indexOf(document), score: undefined }))];
      for (const [rank, { document, index, score }] of shown.slice(0, options.top).entries()) {
        process.stdout.write(
          options.json
            ? `${JSON.stringify({ ...document.record, index, rank: rank + 1, ...(score !== undefined && { score }) })}\n`
            : `${score?.toFixed(4) ?? '–'}\t${process.stdout.isTTY ? oneLine(document.text, (process.stdout.columns ?? 100) - 10) : document.text.replaceAll(/\s*\n\s*/g, ' ')}\n`,
        );
      }
    });
}

async function readStdin(signal: AbortSignal): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write(colours.dim('Reading passages from the terminal, one a line; end with Ctrl-D.\n'));
  // An abort must end the wait and the stream: an open terminal would keep the process alive.
  const stop = () => process.stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  return untilAborted(readAll(process.stdin), signal).finally(() => signal.removeEventListener('abort', stop));
}

/** JSONL where the first line is a JSON object, else one passage a line. Empty lines are left out. */
export function parse(input: string, field: string): Line[] {
  const lines = input.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (!lines[0]?.trimStart().startsWith('{')) return lines.map((text, i) => ({ id: String(i), text, record: { text } }));
  return lines.map((line, i) => {
    const record = readRecord(line, i);
    const text = record[field];
    if (typeof text !== 'string') {
      throw new ResiftError(
        'invalid_input',
        `Line ${i + 1}: expected a string in the field "${field}", got ${text === undefined ? `only ${Object.keys(record).join(', ') || 'an empty record'}` : typeof text}. Name another field with --field.`,
      );
    }
    return { id: String(record['id'] ?? i), text, record };
  });
}

function readRecord(line: string, i: number): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch (cause) {
    throw new ResiftError(
      'invalid_input',
      `Line ${i + 1} is not JSON: ${(cause as Error).message}. Every line of a JSONL input must be one object.`,
      { cause },
    );
  }
}
