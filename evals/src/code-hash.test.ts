import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { codeHash } from './code-hash.ts';

it('changes with the code and with nothing else', async () => {
  const root = await mkdtemp(join(tmpdir(), 'resift-code-'));
  await mkdir(join(root, 'a/deep'), { recursive: true });
  await writeFile(join(root, 'a/deep/one.ts'), 'export const one = 1;');
  const before = codeHash(root, ['a']);
  await writeFile(join(root, 'a/one.test.ts'), 'a test');
  await writeFile(join(root, 'a/README.md'), 'words');
  expect(codeHash(root, ['a'])).toBe(before);
  await writeFile(join(root, 'a/deep/one.ts'), 'export const one = 2;');
  const after = codeHash(root, ['a']);
  expect(after).not.toBe(before);
  await writeFile(join(root, 'a/two.ts'), '');
  expect(codeHash(root, ['a'])).not.toBe(after);
});
