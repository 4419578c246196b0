import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const built = (path: string) => readFileSync(join(root, 'docs/site/dist', path), 'utf8');

it('builds the documentation site with the API reference; a link that leads nowhere fails it', () => {
  execFileSync('npm', ['run', 'docs:build'], { cwd: root, stdio: 'pipe', timeout: 900_000, maxBuffer: 64 << 20 });
  expect(built('index.html')).toContain('The second stage of retrieval');
  expect(built('docs/choosing-a-reranker.html')).toContain('cascade');
  expect(built('docs/api/reranker/src/fail-open/functions/failOpen.html')).toContain('budgetMs');
}, 1_000_000);
