import { isResiftError } from '@resift/core';
import { type FileEntry, modelFile, readManifest, verifiedFile } from '@resift/models/manifest';
import { modelsFolder } from '@resift/models-en';

/** A model as `resift models list` shows it. */
export interface ListedModel {
  readonly model: string;
  readonly source: 'embedded' | 'hub';
  readonly revision: string;
  readonly folder: string;
  readonly bytes: number;
}

/** The models that come with resift; with `verify` also which of their files are not what the manifest promises. */
export async function embeddedFiles({ verify = false }: { readonly verify?: boolean } = {}): Promise<{
  models: ListedModel[];
  damaged: string[];
}> {
  const manifest = await readManifest(modelsFolder);
  const entries: FileEntry[] = [manifest.vocab, manifest.lexicon, ...Object.keys(manifest.files).map((file) => modelFile(manifest, file))];
  const damaged: string[] = [];
  for (const entry of verify ? entries : []) {
    await verifiedFile(modelsFolder, entry).catch((error: unknown) => {
      if (!isResiftError(error, 'corrupt')) throw error;
      damaged.push(entry.file);
    });
  }
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  return { models: [{ model: '@resift/models-en', source: 'embedded', revision: manifest.version, folder: modelsFolder, bytes }], damaged };
}
