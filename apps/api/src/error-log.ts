import { isResiftError } from '@resift/core';

/** What the log may hold of an error: where it happened. Messages that are not ours may quote a document, so only ours are kept. */
export function withoutText(error: unknown): {
  error: string;
  message?: string;
  at: readonly string[];
  cause?: ReturnType<typeof withoutText>;
} {
  if (!(error instanceof Error)) return { error: typeof error, at: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    error: error.name,
    ...(isResiftError(error) && { message: error.message }),
    at: frames.slice(0, 8).map((line) => line.trim()),
    ...(error.cause !== undefined && { cause: withoutText(error.cause) }),
  };
}
