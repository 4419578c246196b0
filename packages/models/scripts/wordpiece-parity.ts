import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createWordPiece } from '../src/wordpiece.ts';
import { alikeTexts, huggingFace } from './alike-texts.ts';

// Compares our WordPiece with Hugging Face's on many generated strings, and ends with 1 where one differs.
//   node --conditions=@resift/source --import tsx packages/models/scripts/wordpiece-parity.ts [COUNT] [CASES.jsonl]
// CASES.jsonl, ids and offsets by BertTokenizerFast itself (Rust), is written by
//   /opt/resift/venv/bin/python packages/models/fixtures/make_wordpiece.py 100000 1 CASES.jsonl
const [count = '100000', file] = process.argv.slice(2);
const vocabulary = readFileSync(new URL('../../models-en/models/vocab.txt', import.meta.url), 'utf8')
  .split('\n')
  .slice(0, -1);
const ours = createWordPiece(vocabulary);
let different = 0;

function compare(name: string, text: string, actual: Iterable<number>, expected: Iterable<number>) {
  if (`${[...actual]}` === `${[...expected]}`) return;
  different += 1;
  if (different <= 10) console.error(`${name} differ: ${JSON.stringify(text)}\n  ours   ${[...actual]}\n  theirs ${[...expected]}`);
}

const theirs = huggingFace(vocabulary);
const texts = fc.sample(alikeTexts(vocabulary), { numRuns: Number(count), seed: 1 });
for (const text of texts) compare('ids', text, ours.encode(text).ids, theirs.encode(text, { add_special_tokens: false }).ids);
console.log(`${texts.length} strings against @huggingface/tokenizers: ${different} different`);

if (file) {
  const before = different;
  const cases = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  for (const line of cases) {
    const [text, ids, offsets] = JSON.parse(line) as [string, number[], number[]];
    const tokens = ours.encode(text);
    compare('ids', text, tokens.ids, ids);
    compare('offsets', text, tokens.offsets, offsets);
  }
  console.log(`${cases.length} strings against BertTokenizerFast: ${different - before} different`);
}
process.exitCode = different > 0 ? 1 : 0;
