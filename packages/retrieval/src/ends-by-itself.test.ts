import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('lets a script end that loaded a file, stored and searched it, and closed nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'resift-end-'));
  const at = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const script = `
    const { loadFile } = await import(${at('./load.ts')});
    const { openLanceStore } = await import(${at('./stores/lancedb.ts')});
    const embedder = { id: 'one', dimensions: 2, embed: async (texts) => ({ vectors: texts.map(() => new Float32Array([1, 0])), usage: {} }) };
    const tokenizer = { count: (text) => text.length, truncate: (text, tokens) => text.slice(0, tokens) };
    const store = await openLanceStore({ directory: process.argv[1], embedder, tokenizer });
    await store.put('c', await loadFile('a.html', new TextEncoder().encode('<p>A lighthouse.</p>')));
    const found = await store.retriever('c', 'bm25').retrieve('lighthouse', { topK: 1 });
    console.log(found[0].document.text);`;
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@resift/source', '--import', 'tsx', '--input-type=module', '-e', script, directory],
      { timeout: 50_000 },
    );
    expect(stdout.trim()).toBe('A lighthouse.');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
