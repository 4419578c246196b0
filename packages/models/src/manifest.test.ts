import { createHash } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FileEntry, modelFile, readManifest, verifiedFile } from './manifest.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resift-manifest-'));
});
afterAll(() => rm(folder, { recursive: true }));

const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31) % 251);
const entryOf = (file: string, content: Uint8Array): FileEntry => ({
  file,
  sha256: createHash('sha256').update(content).digest('hex'),
  bytes: content.length,
});
const digest = { sha256: 'a'.repeat(64), bytes: 1 };
const good = {
  version: '1',
  base: 'b',
  vocab: { file: 'vocab.txt', ...digest },
  lexicon: { file: 'lexicon.json.gz', ...digest, documents: 3 },
  files: { 'embed.onnx': digest },
  encoders: { embed: { file: 'embed.onnx', maxTokens: 256, dimensions: 384, tokenDimensions: 128, note: 'more than is known' } },
  rankers: {
    mini: { encoder: 'embed', features: ['maxsim'], mean: [0], scale: [1], weights: [1], bias: 0 },
    cascade: { fast: 'tiny', accurate: 'mini', keep: 30 },
  },
};
const write = (content: unknown) =>
  writeFile(join(folder, 'manifest.json'), typeof content === 'string' ? content : JSON.stringify(content));

it('reads a manifest', async () => {
  await write(good);
  const manifest = await readManifest(folder);
  expect(manifest.encoders['embed']).toEqual({ file: 'embed.onnx', maxTokens: 256, dimensions: 384, tokenDimensions: 128 });
  expect(manifest.rankers['cascade']).toEqual({ fast: 'tiny', accurate: 'mini', keep: 30 });
  expect(manifest.readers).toEqual({});
  expect(modelFile(manifest, 'embed.onnx')).toEqual({ file: 'embed.onnx', ...digest });
  expect(() => modelFile(manifest, 'other.onnx')).toThrow('other.onnx');
});

it.each([
  ['no JSON', '{', 'not JSON'],
  ['a path that leaves the folder', { ...good, vocab: { file: '../vocab.txt', ...digest } }, 'vocab.file'],
  ['a file name that leaves the folder', { ...good, files: { '../x.onnx': digest } }, 'files'],
  ['a bad checksum', { ...good, vocab: { file: 'v', sha256: 'xyz', bytes: 1 } }, 'vocab.sha256'],
  ['weights of the wrong number', { ...good, rankers: { mini: { ...good.rankers.mini, weights: [1, 2] } } }, 'rankers.mini'],
  ['nothing', {}, 'version'],
])('refuses %s and names it', async (_, content, named) => {
  await write(content);
  await expect(readManifest(folder)).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining(named) });
});

it('gives the bytes of a file that is what the manifest says', async () => {
  await writeFile(join(folder, 'fine.bin'), bytes);
  expect(Buffer.compare(await verifiedFile(folder, entryOf('fine.bin', bytes)), bytes)).toBe(0);
});

it.each([0, 1, 1_048_576, 2_999_999])('refuses a file with one flipped bit, at byte %i', async (at) => {
  const flipped = Uint8Array.from(bytes);
  flipped[at]! ^= 1 << (at % 8);
  await writeFile(join(folder, 'flipped.onnx'), flipped);
  await expect(verifiedFile(folder, entryOf('flipped.onnx', bytes))).rejects.toMatchObject({
    code: 'corrupt',
    details: { file: 'flipped.onnx' },
    message: expect.stringContaining('flipped.onnx'),
  });
});

it('refuses a file that is cut, missing, a folder or a link', async () => {
  await writeFile(join(folder, 'cut.onnx'), bytes.subarray(0, -1));
  await symlink(join(folder, 'fine.bin'), join(folder, 'link.onnx'));
  for (const file of ['cut.onnx', 'absent.onnx', '.', 'link.onnx']) {
    await expect(verifiedFile(folder, entryOf(file, bytes))).rejects.toMatchObject({ code: 'corrupt', details: { file } });
  }
});
