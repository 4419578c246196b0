import type { ResiftError } from '@resift/core';

/**
 * The AI SDK retries a custom model only for its own `APICallError`, which it knows by these registered symbols; so its package need not be installed for us to raise one.
 */
export function asApiCallError(error: ResiftError): Error {
  const { retryAfterMs } = error.details;
  return Object.assign(new Error(error.message, { cause: error }), {
    name: 'AI_APICallError',
    [Symbol.for('vercel.ai.error')]: true,
    [Symbol.for('vercel.ai.error.AI_APICallError')]: true,
    url: 'resift:rerank',
    requestBodyValues: {},
    isRetryable: true,
    ...(typeof retryAfterMs === 'number' && { responseHeaders: { 'retry-after-ms': String(retryAfterMs) } }),
  });
}
