/** Every failure that resift raises on purpose. `apps/api/src/errors.ts` maps each code to one HTTP status. */
export type ErrorCode =
  | 'invalid_input' // the caller's mistake; retrying cannot help
  | 'invalid_config' // a wrong setting; found at start, all mistakes at once
  | 'not_found' // an unknown id, collection or model
  | 'conflict' // somebody else holds what this call needs (a second writer)
  | 'input_too_long' // a text exceeds a limit and may not be cut
  | 'unusable_content' // well-formed, but nothing can be made of it (a damaged file, a text that is only white space)
  | 'over_budget' // the call would spend more than it may
  | 'bad_output' // the model answered, but not in the form it promised
  | 'corrupt' // a file failed its integrity check
  | 'rate_limited'
  | 'overloaded' // our own queue is full
  | 'timeout'
  | 'unavailable'; // the model or its dependency is not there

const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['rate_limited', 'overloaded', 'timeout', 'unavailable']);

export interface ErrorOptions {
  readonly cause?: unknown;
  /** What a program needs to react: the field, the limit, the seconds to wait. Never secrets, never document text. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The message says what was expected, what came and what to do. */
export class ResiftError extends Error {
  override readonly name = 'ResiftError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? {};
  }

  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

/** Checks by name and code, so that it also holds across two installed copies of this package. */
export function isResiftError(error: unknown, code?: ErrorCode): error is ResiftError {
  return error instanceof Error && error.name === 'ResiftError' && (!code || (error as ResiftError).code === code);
}
