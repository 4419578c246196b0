import { parentPort } from 'node:worker_threads';
import { isResiftError } from '@resift/core';
import { parseFile } from '../parsers/parse-file.ts';
import type { ParseAnswer, ParseJob } from './parse-workers.ts';

parentPort!.on('message', async (job: ParseJob) => {
  parentPort!.postMessage(await answer(job));
});

parentPort!.postMessage('ready');

async function answer({ name, kind, bytes }: ParseJob): Promise<ParseAnswer> {
  try {
    return { documents: await parseFile(name, kind, bytes) };
  } catch (error) {
    if (isResiftError(error)) return { code: error.code, message: error.message, details: error.details };
    const why = error instanceof Error ? error.message : String(error);
    return { code: 'unusable_content', message: `${name} cannot be read as ${kind}: ${why.slice(0, 300)}`, details: { file: name } };
  }
}
