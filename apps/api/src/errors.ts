import { type ErrorCode, isResiftError } from '@resift/core';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

const STATUS = {
  invalid_input: 400,
  invalid_config: 500,
  not_found: 404,
  conflict: 409,
  input_too_long: 413,
  unusable_content: 422,
  over_budget: 422,
  bad_output: 502,
  corrupt: 503,
  rate_limited: 429,
  overloaded: 429,
  timeout: 504,
  unavailable: 503,
} satisfies Record<ErrorCode, ContentfulStatusCode>;

/** A failure that only exists at the door: no key, wrong method, wrong content type. */
export type DoorCode =
  | 'not_found'
  | 'unauthorized'
  | 'forbidden'
  | 'method_not_allowed'
  | 'unsupported_media_type'
  | 'client_closed_request'
  | 'request_timeout'
  | 'internal';

export interface Failure {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Whole seconds. Always there with 429 and 503. */
  readonly retryAfter?: number;
}

/** Thrown by routes and middleware for what is no `ResiftError`. */
export class DoorError extends Error {
  override readonly name = 'DoorError';
  readonly status: ContentfulStatusCode;
  readonly code: DoorCode;

  constructor(status: ContentfulStatusCode, code: DoorCode, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What the caller is told. A failure that nobody foresaw becomes `internal`, without its message: that may hold document text. */
export function failureOf(error: unknown): Failure {
  if (error instanceof DoorError) return { status: error.status, code: error.code, message: error.message };
  if (error instanceof HTTPException) return { status: error.status, code: 'invalid_input', message: error.message };
  if (isAbort(error))
    return { status: 499 as ContentfulStatusCode, code: 'client_closed_request', message: 'The client closed the connection.' };
  if (!isResiftError(error) || error.code === 'invalid_config') return INTERNAL;

  const { retryAfterMs, field = 'collection' in error.details ? 'collection' : undefined, shutdown, ...details } = error.details;
  const status = STATUS[error.code];
  return {
    status,
    code: shutdown === true ? 'shutdown' : error.code,
    message: error.message,
    ...(typeof field === 'string' && { field }),
    ...(Object.keys(details).length > 0 && { details }),
    ...((status === 429 || status === 503) && { retryAfter: wholeSeconds(retryAfterMs) }),
  };
}

const INTERNAL: Failure = {
  status: 500,
  code: 'internal',
  message: 'Something went wrong on our side. The log has it under the request id.',
};

const isAbort = (error: unknown) => error instanceof Error && error.name === 'AbortError';

const wholeSeconds = (milliseconds: unknown) =>
  typeof milliseconds === 'number' && Number.isFinite(milliseconds) ? Math.max(1, Math.ceil(milliseconds / 1000)) : 1;
