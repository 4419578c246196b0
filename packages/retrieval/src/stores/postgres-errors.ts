import { isResiftError, ResiftError } from '@resift/core';

/** SQLSTATE classes of a server that cannot do its work now: connection, resources, operator intervention, I/O. */
const AWAY = /^(08|53|57|58)/;

/** The driver's and the server's failures in our words; our own errors and aborts pass. Messages of the server may quote a document: they stay in `cause`. */
export async function postgresErrors<T>(work: () => Promise<T>, signal?: AbortSignal | undefined): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isResiftError(cause) || (signal?.aborted && cause === signal.reason)) throw cause;
    const state = (cause as { code?: unknown } | undefined)?.code;
    const code = typeof state === 'string' ? state : '';
    if (code === '53100') {
      throw new ResiftError('unavailable', "The database's disk is full. Nothing was acknowledged; free some and try again.", {
        cause,
        details: { reason: 'disk_full' },
      });
    }
    if (/^XX00[12]$/.test(code))
      throw new ResiftError('corrupt', 'The database reports damaged data. Restore it, or run `resift reindex`.', { cause });
    if (/^(28|3D|42501)/.test(code)) {
      throw new ResiftError(
        'invalid_config',
        `RESIFT_STORE_URL: the database refuses this user (SQLSTATE ${code}). Correct the URL or its rights.`,
        {
          cause,
        },
      );
    }
    const away =
      AWAY.test(code) ||
      /timeout|terminated|connection error|ECONN|ENOTFOUND|EPIPE/i.test(`${code} ${cause instanceof Error ? cause.message : ''}`);
    const sentence = away ? 'The database does not answer. Try again in a moment.' : `The database failed (SQLSTATE ${code || 'unknown'}).`;
    throw new ResiftError('unavailable', sentence, { cause, details: { reason: 'database', retryAfterMs: 1_000 } });
  }
}
