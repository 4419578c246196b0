// transformers.js used the obvious way: all texts in one call of the tokenizer and one of the model. It runs in the project that it is installed in; one line in, one line out.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [project, name] = process.argv.slice(2);
const entry = createRequire(join(project, 'index.js')).resolve('@huggingface/transformers');
const { AutoModel, AutoTokenizer, env } = await import(pathToFileURL(entry.replace(/\.cjs$/, '.mjs')).href);
env.allowRemoteModels = false;
env.localModelPath = join(project, 'models');
const tokenizer = await AutoTokenizer.from_pretrained(name);
const model = await AutoModel.from_pretrained(name, { dtype: 'fp32' });
const { version } = JSON.parse(readFileSync(join(project, 'node_modules/@huggingface/transformers/package.json'), 'utf8'));
console.log(
  JSON.stringify({ version, outputs: Object.keys(await model(await tokenizer(['ready'], { padding: true, truncation: true }))) }),
);

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { texts } = JSON.parse(line);
  const [started, before] = [performance.now(), process.cpuUsage()];
  const inputs = await tokenizer(texts, { padding: true, truncation: true });
  const output = await model(inputs);
  const { user, system } = process.cpuUsage(before);
  const first = Array.from(output.sentence_vector.data.slice(0, 4));
  console.log(JSON.stringify({ ms: performance.now() - started, cpuMs: (user + system) / 1000, width: inputs.input_ids.dims[1], first }));
});
