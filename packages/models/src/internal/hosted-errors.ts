import { type ErrorCode, ResiftError } from '@resift/core';

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_input',
  401: 'invalid_config',
  402: 'invalid_config',
  403: 'invalid_config',
  404: 'not_found',
  408: 'timeout',
  413: 'invalid_input',
  422: 'invalid_input',
  424: 'unavailable',
  429: 'rate_limited',
  498: 'invalid_config',
  499: 'unavailable',
  504: 'timeout',
};
const WHAT_TO_DO: Partial<Record<ErrorCode, string>> = {
  invalid_config: 'Check the key and what it may do.',
  not_found: 'Check the model name and the URL.',
  rate_limited: 'Send less, or wait.',
};

/** The error for a reply that is no success. The server's own words come along, short and without secrets. */
export function failureOf(name: string, response: Response, body: string, redact: (text: string) => string): ResiftError {
  const { status, headers } = response;
  const code = CODES[status] ?? (status >= 500 ? 'unavailable' : 'bad_output');
  const said = redact(messageIn(body)).slice(0, 200);
  const retryAfterMs = retryAfter(headers);
  const requestId = headers.get('x-request-id') ?? undefined;
  return new ResiftError(code, [`${name} answered ${status}${said ? `: ${said}` : ''}.`, WHAT_TO_DO[code]].filter(Boolean).join(' '), {
    details: {
      status,
      ...(code === 'bad_output' && { reason: 'bad_response' }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(requestId !== undefined && { requestId }),
    },
  });
}

/** The error for a connection that could not be made, or broke. */
export function unreachable(name: string, url: URL, cause: unknown): ResiftError {
  return new ResiftError('unavailable', `Cannot reach ${name} at ${url.origin}, or the connection broke.`, {
    cause,
    details: { reason: 'unavailable' },
  });
}

/** Only fields that are meant for a message: others may echo the documents. */
function messageIn(body: string): string {
  try {
    const json = JSON.parse(body) as Record<string, unknown>;
    const nested =
      typeof json['error'] === 'object' && json['error'] !== null ? (json['error'] as Record<string, unknown>)['message'] : undefined;
    const said = [nested, json['message'], json['error'], json['detail']].find((value) => typeof value === 'string');
    return (said as string | undefined) ?? '';
  } catch {
    return '';
  }
}

/** In milliseconds; `Retry-After` is in seconds or a date. */
function retryAfter(headers: Headers): number | undefined {
  const exact = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
