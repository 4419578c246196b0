export { type BatchLimits, planBatches } from './batch.ts';
export { type ChatChunk, type ChatMessage, type ChatModel, complete } from './chat.ts';
export type { Document, Grade, Metadata, MetadataValue, Passage } from './document.ts';
export type { Embedder, StoredEncodings, TextEncoding, TextKind, TokenEmbedder, TokenVectors } from './embedder.ts';
export { type ErrorCode, type ErrorOptions, isResiftError, ResiftError } from './error.ts';
export { fuse } from './fuse.ts';
export type { Closable, GroundednessModel, PairModel, Span, SpanReader } from './pair-model.ts';
export { passageText } from './passage-text.ts';
export {
  type CallOptions,
  checkInput,
  createReranker,
  type Ranked,
  type Ranking,
  type Reranker,
  type RerankOptions,
  type Scorer,
  type Scores,
  untilAborted,
} from './reranker.ts';
export type { Filter, LegStatus, RetrieveOptions, Retriever, Scored } from './retriever.ts';
export { type Label, ordinalScores, type Scale } from './scale.ts';
export type { RankingStatus, RerankReason, RerankStatus } from './status.ts';
export { type GridVectors, offGrid, onGrid, snap } from './token-grid.ts';
export type { Tokenizer, Truncation } from './tokenizer.ts';
export { addUsage, noUsage, type Usage } from './usage.ts';
