import { readFileSync } from 'node:fs';
import { createTokenizer } from '../src/tokenizer-json.ts';

// Compares our tokenizers of tokenizer.json with Python's `tokenizers` on generated strings, and ends with 1 where ids differ.
//   /opt/resift/venv/bin/python packages/models/fixtures/cross-encoders/make_cross_encoders.py 10000 /tmp/cases
//   node --conditions=@resift/source --import tsx packages/models/scripts/tokenizer-parity.ts /tmp/cases
const [folder] = process.argv.slice(2);
const fixtures = new URL('../fixtures/cross-encoders/', import.meta.url);
for (const name of ['xlm-roberta', 'xlm-roberta-old', 'modernbert', 'bert-cased']) {
  let lines: string[];
  let json: unknown;
  try {
    lines = readFileSync(`${folder}/${name}.jsonl`, 'utf8').split('\n').filter(Boolean);
    json = JSON.parse(
      readFileSync(
        name.includes('-old') || name.includes('cased') ? `${folder}/${name}.json` : new URL(`${name}/tokenizer.json`, fixtures),
        'utf8',
      ),
    );
  } catch (error) {
    console.error(`${name}: ${(error as Error).message}`);
    process.exitCode = 1;
    continue;
  }
  const tokenizer = createTokenizer(json);
  let [different, misplaced, tokens] = [0, 0, 0];
  for (const line of lines) {
    const [text, ids, offsets] = JSON.parse(line) as [string, number[], number[]];
    const ours = tokenizer.encode(text);
    tokens += ids.length;
    if (`${ours.offsets}` !== `${offsets}`) {
      misplaced += 1;
      if (process.argv[3] === 'offsets' && misplaced < 5)
        console.error(`${JSON.stringify(text)}\n  ours   ${ours.offsets}\n  theirs ${offsets}`);
    }
    if (`${ours.ids}` === `${ids}`) continue;
    different += 1;
    if (different <= 5) console.error(`${name} differ: ${JSON.stringify(text)}\n  ours   ${ours.ids}\n  theirs ${ids}`);
  }
  console.log(`${name}: ${lines.length} strings, ${tokens} tokens: ids of ${different} differ, offsets of ${misplaced}`);
  if (different > 0) process.exitCode = 1;
}
