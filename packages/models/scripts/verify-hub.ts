import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isResiftError } from '@resift/core';
import { type HubOptions, newestRevision, pullModel } from '../src/hub-model.ts';
import { openPairModelFolder } from '../src/pair-model-folder.ts';

// Downloads named public cross-encoders and asks each an easy question: `npm run verify:hub [-- owner/name …]`. Ends with 1 where one cannot be
// opened or answers wrongly, and with 0 and `not run` where no hub can be reached. RESIFT_HUB_MODELS keeps the downloads in that folder.
const NAMED = [
  { model: 'Xenova/ms-marco-MiniLM-L-6-v2' },
  { model: 'Xenova/ms-marco-TinyBERT-L-2-v2' },
  { model: 'onnx-community/bge-reranker-v2-m3-ONNX' },
  { model: 'jinaai/jina-reranker-v2-base-multilingual' },
  { model: 'Alibaba-NLP/gte-reranker-modernbert-base' },
];
const QUERY = 'What is the capital of France?';
const TEXTS = ['Bananas are rich in potassium.', 'Berlin is the capital of Germany.', 'Paris is the capital of France.'];

const given = process.argv.slice(2).map((model) => ({ model }));
const { HF_ENDPOINT, HF_TOKEN, RESIFT_HUB_MODELS } = process.env;
const hub: HubOptions = { endpoint: HF_ENDPOINT || undefined, token: HF_TOKEN || undefined, timeoutMs: 30_000 };
let failed = 0;

async function check(model: string): Promise<string> {
  const cacheFolder = RESIFT_HUB_MODELS ?? (await mkdtemp(join(tmpdir(), 'resift-hub-')));
  try {
    const revision = await newestRevision(model, hub);
    const { folder } = await pullModel({ model, revision }, { ...hub, cacheFolder });
    await using opened = await openPairModelFolder(folder, { id: model });
    const { logits } = await opened.score(QUERY, TEXTS);
    const best = logits.indexOf(Math.max(...logits.map(Number)));
    if (best !== 2) failed += 1;
    return `${best === 2 ? 'ok' : 'WRONG'} at ${revision}, logits ${logits.map((logit) => logit?.toFixed(3)).join(' ')}`;
  } finally {
    if (!RESIFT_HUB_MODELS) await rm(cacheFolder, { recursive: true, force: true });
  }
}

for (const { model } of given.length > 0 ? given : NAMED) {
  try {
    console.log(`${model}: ${await check(model)}`);
  } catch (error) {
    const unreachable = isResiftError(error, 'unavailable') && error.message.includes('cannot be reached');
    if (unreachable || isResiftError(error, 'timeout')) {
      console.log(`not run: ${(error as Error).message}`);
      break;
    }
    failed += 1;
    console.log(`${model}: FAILED: ${error instanceof Error ? error.message : String(error)}`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;
