/** What one request may ask for. Everything is refused before anything is computed. */
export interface Limits {
  readonly jsonBytes: number;
  readonly rerankBytes: number;
  readonly ingestBytes: number;
  /** Documents in one JSON ingest. NDJSON and files are bounded by `ingestBytes` and `streamedDocuments`. */
  readonly ingestDocuments: number;
  readonly streamedDocuments: number;
  /** UTF-16 code units of one document. */
  readonly documentCharacters: number;
  readonly idBytes: number;
  readonly metadataBytes: number;
  readonly metadataDepth: number;
  readonly metadataKeys: number;
  readonly queryCharacters: number;
  readonly messages: number;
  readonly rerankDocuments: number;
  readonly candidates: number;
  readonly claims: number;
  /** Deadline of a request that neither ingests nor streams. */
  readonly requestMs: number;
  readonly streamMs: number;
  /** A streaming client that reads nothing for so long is dropped. */
  readonly stallMs: number;
  /** Deadline of the rerank endpoints, which never fail open. */
  readonly rerankMs: number;
  /** Longest predicted wait for a search or a rerank before it is turned away. */
  readonly queueMs: number;
  /** The same for an answer by the models of this process: people wait longer for one. */
  readonly answerQueueMs: number;
  readonly queuedRequests: number;
  /** How long streams may go on after SIGTERM. */
  readonly shutdownMs: number;
}

const KiB = 1024;
const MiB = 1024 * KiB;

export const defaultLimits: Limits = {
  jsonBytes: MiB,
  rerankBytes: 8 * MiB,
  ingestBytes: 64 * MiB,
  ingestDocuments: 1_000,
  streamedDocuments: 100_000,
  documentCharacters: 16 * MiB,
  idBytes: 512,
  metadataBytes: 8 * KiB,
  metadataDepth: 4,
  metadataKeys: 64,
  queryCharacters: 8_000,
  messages: 200,
  rerankDocuments: 1_000,
  candidates: 200,
  claims: 100,
  requestMs: 30_000,
  streamMs: 120_000,
  stallMs: 15_000,
  rerankMs: 30_000,
  queueMs: 2_000,
  answerQueueMs: 10_000,
  queuedRequests: 64,
  shutdownMs: 20_000,
};
