import { writeSync } from 'node:fs';
import { openLanceStore } from '@resift/retrieval/stores/lancedb';
import { hashingEmbedder, hashingTokenEmbedder, wordTokenizer } from '../contracts/hashing-embedder.ts';
import { chunking, versionText } from './versioned-text.ts';

// A process to be killed: writes documents as fast as it can and prints one line for each that was acknowledged.
const [directory, first, sabotage] = process.argv.slice(2) as [string, string, string?];
const store = await openLanceStore({
  directory,
  embedder: hashingEmbedder(),
  tokenEmbedder: hashingTokenEmbedder(),
  tokenizer: wordTokenizer,
  chunking,
  indexTokensFrom: 40,
});
let next = Number(first);

async function lane(seed: number) {
  for (let turn = seed; ; turn++) {
    const number = next++;
    // Every third write replaces a document of a few writes before, with a text of another length.
    const ids = turn % 3 === 2 ? [`d${Math.max(0, number - 7)}`] : Array.from({ length: 1 + (turn % 4) }, (_, i) => `d${number}-${i}`);
    const documents = ids.map((id) => ({ id, text: versionText(id, number), metadata: { id, version: number } }));
    const say = (what: string) => writeSync(1, documents.map(({ id }) => `${what} ${id} ${number}\n`).join(''));
    say('try');
    if (sabotage === 'ack-early') say('ack');
    await store.put('c', documents);
    if (sabotage !== 'ack-early') say('ack');
    // From its first search on the third leg follows every commit, and writes its index beside the table.
    if (turn === seed)
      await store.late!('c')
        .retrieve('version', { topK: 1 })
        .catch(() => {});
  }
}

await Promise.all([lane(0), lane(1), lane(2)]);
