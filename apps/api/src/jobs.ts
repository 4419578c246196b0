import type { Ingest } from './ingest-body.ts';
import type { IngestResult } from './ingest-result.ts';

export const JOB_STATUSES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;

export type JobStatus = (typeof JOB_STATUSES)[number];

/** An ingest that outlives its request. */
export interface Job {
  readonly id: string;
  /** `failed` is final: every attempt failed, or another one could not help. */
  readonly status: JobStatus;
  readonly collection: string;
  readonly total: number;
  /** Documents that are durable and searchable. */
  readonly done: number;
  /** Attempts begun. */
  readonly attempts: number;
  readonly createdAt: string;
  readonly finishedAt?: string;
  readonly result?: IngestResult;
  /** Why the last attempt failed. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** The queue of ingests: in this process, or in Redis for all replicas. A tenant sees its own jobs only. */
export interface Jobs {
  /** Rejects with `overloaded` where too many wait already. */
  add(tenant: string, ingest: Ingest): Promise<Job>;
  get(tenant: string, id: string): Promise<Job | undefined>;
  /** Newest first. `failed` are the dead letters. */
  list(tenant: string, options?: { readonly status?: JobStatus | undefined; readonly limit?: number | undefined }): Promise<Job[]>;
  /** What waits is not begun; what runs stops after the documents at hand, which stay. A job that has ended stays as it is. */
  cancel(tenant: string, id: string): Promise<Job | undefined>;
  /** Stops what runs and resolves when all is quiet. Jobs in Redis wait for the next start. */
  close(): Promise<void>;
}

/** Does the work of one job. */
export type RunJob = (
  tenant: string,
  ingest: Ingest,
  options: { readonly signal: AbortSignal; readonly onProgress: (documents: number) => void },
) => Promise<IngestResult>;

export interface JobSettings {
  /** A job whose failure may pass (`unavailable`, `timeout`, …) is tried so often in all. Default 3. */
  readonly attempts?: number | undefined;
  /** Before the second attempt; twice as long before each further one. Default 1000. */
  readonly backoffMs?: number | undefined;
  /** Told of every job that failed for good. */
  readonly onDead?: ((code: string) => void) | undefined;
}

/** Jobs of one tenant, or of the process, that may wait. */
export const MOST_WAITING = 64;
/** Of each tenant, the newest are remembered. */
export const MOST_KEPT = 1_000;
