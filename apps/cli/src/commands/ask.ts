import { ResiftError } from '@resift/core';
import { Command, Option } from 'commander';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { openBackend, postJson, readJson } from '../backend.ts';
import { untilInterrupted } from '../interrupt.ts';
import { colours, oneLine } from '../terminal.ts';
import { type CollectionOptions, PRESETS, withCollection } from './options.ts';
import { wholeNumber } from './search.ts';

interface AskOptions extends CollectionOptions {
  readonly top?: number;
  readonly rerank: boolean;
  readonly preset?: string;
  readonly generator?: string;
}

interface Meta {
  readonly sources: readonly { readonly id: string; readonly document_id: string; readonly title?: string }[];
  readonly rerank: { readonly status: string; readonly reason?: string };
}

interface Citation {
  readonly source: string;
  readonly quote: string;
}

/** `resift ask "..."`: the answer as it is made, then the quotes that it rests on. */
export function askCommand(): Command {
  return withCollection(new Command('ask'))
    .description('Answer a question from your documents, with citations.')
    .argument('<question>', 'the question')
    .option('-n, --top <number>', 'passages the answer may rest on (default: 5)', wholeNumber)
    .addOption(new Option('--preset <name>', 'how much to spend on reranking').choices(PRESETS))
    .addOption(new Option('--generator <name>', 'who writes the answer').choices(['extractive', 'chat']))
    .option('--no-rerank', 'keep the first-stage order')
    .action(async (question: string, options: AskOptions) => {
      const body = {
        messages: [{ role: 'user', content: question }],
        collection: options.collection,
        top_n: options.top,
        rerank: options.rerank,
        preset: options.preset,
        generator: options.generator,
        stream: !options.json,
      };
      await untilInterrupted(async (signal) => {
        await using backend = await openBackend({ ...options, warm: true, signal });
        const response = await backend.request('/v1/chat', postJson(body, signal));
        if (options.json) process.stdout.write(`${JSON.stringify(await readJson(response), null, 2)}\n`);
        else if (response.ok) await stream(response);
        else await readJson(response);
      });
    });
}

async function stream(response: Response): Promise<void> {
  const events = response.body!.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  let meta: Meta | undefined;
  const citations: Citation[] = [];
  let finished = false;
  for await (const { event, data } of events) {
    const value = JSON.parse(data);
    if (event === 'meta') meta = value;
    if (event === 'delta') process.stdout.write(value.text);
    if (event === 'citation') citations.push(value);
    if (event === 'error') throw new ResiftError('unavailable', value.message ?? 'The server stopped in the middle of the answer.');
    if (event === 'done') finished = true;
  }
  process.stdout.write('\n');
  if (!finished) throw new ResiftError('unavailable', 'The answer was cut off: the connection ended before the end of the stream.');
  process.stdout.write(footnotes(meta, citations));
}

function footnotes(meta: Meta | undefined, citations: readonly Citation[]): string {
  const lines = citations.map(({ source, quote }) => {
    const number = (meta?.sources.findIndex(({ id }) => id === source) ?? -1) + 1;
    const found = meta?.sources[number - 1];
    return `${colours.cyan(`[${number}]`)} ${colours.bold(found?.title ?? found?.document_id ?? source)}: “${oneLine(quote, 200)}”`;
  });
  const status =
    meta && meta.rerank.status !== 'applied'
      ? [colours.yellow(`rerank: ${meta.rerank.status}${meta.rerank.reason ? ` (${meta.rerank.reason})` : ''}`)]
      : [];
  const all = [...lines, ...status];
  return all.length > 0 ? `\n${all.join('\n')}\n` : '';
}
