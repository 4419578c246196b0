import type { Config } from '@resift/api/config';
import { isResiftError } from '@resift/core';
import { type Check, failed, ok, sentence, warning } from './check.ts';

/** The settings of the server as the environment has them, or every mistake in them. */
export async function readSettings(given: Readonly<Record<string, string>>): Promise<{ checks: Check[]; config?: Config }> {
  const { readConfig } = await import('@resift/api/config');
  try {
    const config = readConfig(given);
    return { config, checks: [ok('settings', `preset ${config.preset}, data in ${config.dataDir}`), keysCheck(config)] };
  } catch (error) {
    if (!isResiftError(error, 'invalid_config')) throw error;
    const mistakes = (error.details['mistakes'] as readonly string[] | undefined) ?? [sentence(error)];
    return { checks: mistakes.map((mistake) => failed('settings', mistake, 'Correct or unset this variable of the environment.')) };
  }
}

function keysCheck({ keys, host }: Config): Check {
  const tenants = new Set(keys.map(({ tenant }) => tenant));
  if (keys.length > 0) return ok('keys', `${keys.length} keys for ${tenants.size} tenants`);
  return ok('keys', `none: the server listens on ${host} only and asks for no key`);
}

/** Whether the chat server answers, takes the key, and has the model. Sends no question, so it costs nothing. */
export async function chatCheck({ chat }: Config, signal: AbortSignal): Promise<Check> {
  if (!chat) return ok('chat', 'no chat model: answers are extracted from the sources (RESIFT_CHAT_URL and RESIFT_CHAT_MODEL set one)');
  const url = new URL(`${chat.url.replace(/\/(chat\/completions\/?)?$/, '')}/models`);
  if (!/\/v\d+\/models$/.test(url.pathname) && url.pathname === '/models') url.pathname = '/v1/models';
  const limit = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
  try {
    const response = await fetch(url, {
      signal: limit,
      redirect: 'error',
      headers: chat.key ? { authorization: `Bearer ${chat.key}` } : {},
    });
    if (response.status === 401 || response.status === 403) {
      return failed('chat', `${url.origin} refuses the key (${response.status})`, 'Correct RESIFT_CHAT_KEY.');
    }
    if (!response.ok)
      return warning('chat', `${url} answers ${response.status}`, 'Check RESIFT_CHAT_URL; some servers have no list of models.');
    const { data } = (await response.json()) as { data?: readonly { id?: string }[] };
    const names = (data ?? []).map(({ id }) => id ?? '');
    if (names.some((name) => name === chat.model || name === `${chat.model}:latest`)) return ok('chat', `${chat.model} at ${url.origin}`);
    const some = names.slice(0, 5).join(', ') || 'none';
    return warning(
      'chat',
      `${url.origin} does not list ${chat.model}; it lists ${some}`,
      'Correct RESIFT_CHAT_MODEL, or load the model there.',
    );
  } catch (error) {
    signal.throwIfAborted();
    return failed('chat', `no chat server answers at ${url.origin}: ${sentence(error)}`, 'Start it, or correct RESIFT_CHAT_URL.');
  }
}
