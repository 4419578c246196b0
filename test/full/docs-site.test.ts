import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const built = (path: string) => readFileSync(join(root, 'docs/site/dist', path), 'utf8');

it('builds the documentation site with the API reference; a link that leads nowhere fails it', () => {
  execFileSync('npm', ['run', 'docs:build'], { cwd: root, stdio: 'pipe', timeout: 900_000, maxBuffer: 64 << 20 });
  const pages = {
    'index.html': 'The second stage of retrieval',
    'docs/choosing-a-reranker.html': 'cascade',
    'docs/api/reranker/src/fail-open/functions/failOpen.html': 'first-stage order',
    'docs/api/reranker/src/fail-open/interfaces/FailOpenOptions.html': 'budgetMs',
  };
  for (const [path, words] of Object.entries(pages)) expect(built(path).includes(words), path).toBe(true);
}, 1_000_000);
