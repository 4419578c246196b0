import { ResiftError } from '@resift/core';

export interface HubAccess {
  /** Where the hub is, without a slash at the end. */
  readonly endpoint: string;
  readonly token?: string | undefined;
  /** A request, or a stretch of a body, that takes longer is given up. */
  readonly timeoutMs: number;
}

const MOST_REDIRECTS = 5;

/**
 * Asks the hub and follows its redirects; the token goes to the hub's own address only. Any answer but 200, 206 and 416 is an error that says
 * what to do. Aborting `signal` rejects with its reason.
 */
export async function hubRequest(
  access: HubAccess,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Response> {
  const home = new URL(access.endpoint).origin;
  let url = new URL(`${access.endpoint}${path}`);
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const authorization = access.token !== undefined && url.origin === home ? { authorization: `Bearer ${access.token}` } : {};
    const response = await answer(url, { ...headers, ...authorization }, access.timeoutMs, signal);
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || !location) {
      if (![200, 206, 416].includes(response.status)) throw await refusal(response, url, access);
      return response;
    }
    await response.body?.cancel();
    if (!URL.canParse(location, url.href)) break;
    const next = new URL(location, url);
    if (next.protocol !== 'https:' && next.origin !== url.origin && next.protocol !== url.protocol) break;
    url = next;
  }
  throw new ResiftError(
    'bad_output',
    `The hub at ${home} redirects without end, or to where nobody should follow. Is the endpoint (HF_ENDPOINT) right?`,
  );
}

async function answer(url: URL, headers: Record<string, string>, timeoutMs: number, signal?: AbortSignal): Promise<Response> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  try {
    return await fetch(url, {
      headers: { 'accept-encoding': 'identity', ...headers },
      redirect: 'manual',
      signal: AbortSignal.any([timeout.signal, ...(signal ? [signal] : [])]),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    const why = timeout.signal.aborted ? `did not answer within ${timeoutMs} ms` : 'cannot be reached';
    throw new ResiftError(
      timeout.signal.aborted ? 'timeout' : 'unavailable',
      `The hub at ${url.origin} ${why}. Check the connection, or name a mirror with \`endpoint\` (HF_ENDPOINT).`,
      { cause, details: { host: url.host } },
    );
  } finally {
    clearTimeout(timer);
  }
}

async function refusal(response: Response, url: URL, { token }: HubAccess): Promise<ResiftError> {
  await response.body?.cancel().catch(() => {}); // it is being thrown away
  const { status } = response;
  const details = { status, host: url.host };
  const at = `${url.origin}${url.pathname}`;
  if (status === 401 || status === 403) {
    const help =
      token === undefined
        ? 'Give one with `token` (HF_TOKEN)'
        : 'Check that it is valid, and that the terms of the model were accepted on its page';
    return new ResiftError('invalid_config', `The hub asks for a token to read ${at}, or there is no such model. ${help}.`, { details });
  }
  if (status === 404)
    return new ResiftError('not_found', `The hub has no ${at}. Check the name of the model, its commit and the file.`, { details });
  if (status === 429) {
    const seconds = Number(response.headers.get('retry-after')) || 60;
    return new ResiftError('rate_limited', `The hub takes no more requests for now. Try again in ${seconds} s, or with a token.`, {
      details: { ...details, retryAfterMs: 1000 * seconds },
    });
  }
  return new ResiftError('unavailable', `The hub answered ${status} for ${at}. Try again later.`, { details });
}
