import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { offGrid } from '@resift/core';
import { openEmbedded } from '@resift/models/embedded';
import { modelFile, readManifest, verifiedFile } from '@resift/models/manifest';
import { modelsFolder, onnxRuntime, version } from '@resift/models-en';
import { expect, it } from 'vitest';

const manifest = await readManifest(modelsFolder);
const entries = [manifest.vocab, manifest.lexicon, ...Object.keys(manifest.files).map((file) => modelFile(manifest, file))];

it('ships the files that the manifest names, whole, and no other', async () => {
  for (const entry of entries) expect((await verifiedFile(modelsFolder, entry)).byteLength).toBe(entry.bytes);
  expect((await readdir(modelsFolder)).filter((file) => file !== 'manifest.json').sort()).toEqual(entries.map(({ file }) => file).sort());
  expect(manifest.version).toBe(version);
});

it('ships at most 100 MB, no file over 50', async () => {
  const sizes = await Promise.all(entries.map(async ({ file }) => (await stat(join(modelsFolder, file))).size));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(50e6);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(100e6);
});

it('names an encoder for each ranker, and rankers for the cascade', () => {
  for (const ranker of Object.values(manifest.rankers)) {
    const names = 'fast' in ranker ? [ranker.fast, ranker.accurate] : [ranker.encoder, ranker.queryEncoder ?? ranker.encoder];
    for (const name of names) expect('fast' in ranker ? manifest.rankers : manifest.encoders).toHaveProperty(name);
  }
});

it('refuses any file with one flipped bit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'resift-flipped-'));
  try {
    for (const entry of entries) {
      const bytes = await verifiedFile(modelsFolder, entry);
      for (const at of [0, Math.floor(bytes.length / 3), bytes.length - 1]) {
        bytes[at]! ^= 1;
        await writeFile(join(folder, entry.file), bytes);
        bytes[at]! ^= 1;
        await expect(verifiedFile(folder, entry)).rejects.toMatchObject({ code: 'corrupt', details: { file: entry.file } });
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('gives a text the same vectors, alone, among others, and from any worker', async () => {
  const texts = [
    'Water boils at 100 °C.',
    '',
    'naïve 東京 😀 '.repeat(3),
    'The film star. '.repeat(200),
    'What is the capital of France?',
    'a',
  ];
  for (const name of Object.keys(manifest.encoders)) {
    await using models = await openEmbedded(modelsFolder, { runtime: onnxRuntime(), workers: 2 });
    const encoder = await models.encoder(name);
    const { encodings } = await encoder.encode(texts, 'document');
    const reversed = (await encoder.encode([...texts].reverse(), 'document')).encodings.reverse();
    for (const [i, text] of texts.entries()) {
      const alone = (await encoder.encode([text], 'document')).encodings[0];
      for (const other of [encodings[i], reversed[i]]) {
        expect(other?.tokens.count).toBe(alone?.tokens.count);
        expect(difference(other!.sentence, alone!.sentence)).toBeLessThanOrEqual(1e-4);
        expect(difference(offGrid(other!.tokens), offGrid(alone!.tokens))).toBeLessThanOrEqual(1e-4);
      }
    }
  }
});

function difference(a: Float32Array, b: Float32Array) {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
