import { type ErrorCode, ResiftError } from '@resift/core';

/** Enough of an error page to be of help. */
const MOST_BYTES = 16 * 1024;
const MOST_CHARACTERS = 300;

/** What an HTTP status other than 2xx means. `redact` takes the key out of what the server wrote. */
export async function httpFailure(
  response: Response,
  body: AsyncIterable<Uint8Array>,
  redact: (text: string) => string,
): Promise<ResiftError> {
  const { status } = response;
  // Servers like to quote the key that they refuse.
  if (status === 401 || status === 403) {
    return new ResiftError('invalid_config', `The chat server refused the key (HTTP ${status}): check it.`, { details: { status } });
  }
  const said = messageOf(await beginningOf(body));
  const message = `The chat server answered with HTTP ${status}${said ? `: ${brief(redact(said))}` : '.'}`;
  const retryAfterMs = retryAfter(response.headers);
  return new ResiftError(codeOf(status, said), message, { details: { status, ...(retryAfterMs !== undefined && { retryAfterMs }) } });
}

/** What an `error` in the middle of a stream means. */
export function upstreamError(error: unknown, redact: (text: string) => string): ResiftError {
  const { message, code, type } = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  const said = typeof error === 'string' ? error : typeof message === 'string' ? message : '';
  const limited = [code, type].some((each) => /rate_limit|429/.test(String(each)));
  return new ResiftError(
    limited ? 'rate_limited' : 'unavailable',
    `The chat server reported an error: ${brief(redact(said)) || 'no details'}`,
    {
      details: { reason: 'upstream_error' },
    },
  );
}

function codeOf(status: number, said: string): ErrorCode {
  if (status === 429) return 'rate_limited';
  if (status === 408 || status === 504) return 'timeout';
  if (status >= 500) return 'unavailable';
  return status === 413 || /context.{0,20}(length|window|size)|too (long|many tokens)|maximum.{0,20}tokens/i.test(said)
    ? 'input_too_long'
    : 'invalid_config';
}

async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      total += piece.byteLength;
      if (total >= MOST_BYTES) break;
    }
  } catch {
    // The status is known; a body that breaks off adds nothing.
  }
  return Buffer.concat(pieces).subarray(0, MOST_BYTES).toString('utf8');
}

function messageOf(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: { message?: unknown } | string };
    const said = typeof error === 'object' ? error?.message : error;
    if (typeof said === 'string') return said;
  } catch {
    // Not JSON: the text itself.
  }
  return body;
}

function brief(text: string) {
  return text.replace(/\s+/g, ' ').trim().slice(0, MOST_CHARACTERS);
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date. */
function retryAfter(headers: Headers): number | undefined {
  const ms = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const found = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(found) ? Math.max(0, found) : undefined;
}
