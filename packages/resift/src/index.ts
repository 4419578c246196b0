export {
  type CrossEncoderOptions,
  type CrossEncoderReranker,
  folderReranker,
  type HubRerankerOptions,
  hubReranker,
} from './cross-encoder-reranker.ts';
export { type LocalRerankerOptions, localReranker } from './local-reranker.ts';
export { type Models, type ModelsOptions, type OpenRerankerOptions, openModels, type RerankerSize } from './open-models.ts';
export { openPreset, PRESETS, type Preset, type PresetName } from './presets.ts';
export { type StoredFirst, storedFirst } from './stored-first.ts';
