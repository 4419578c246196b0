import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { modelsFolder, onnxRuntime, version } from './index.ts';

it('points at the folder with the manifest, a version, and the ONNX Runtime that came along', () => {
  expect(existsSync(join(modelsFolder, 'manifest.json'))).toBe(true);
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
  expect(existsSync(fileURLToPath(onnxRuntime()))).toBe(true);
});
