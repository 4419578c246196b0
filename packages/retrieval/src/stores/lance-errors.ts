import { isResiftError, ResiftError } from '@resift/core';

/** The driver's failures in our words; our own errors and aborts pass. */
export async function storeErrors<T>(work: Promise<T>, collection: string, signal?: AbortSignal | undefined): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isResiftError(error) || (signal?.aborted && error === signal.reason)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const details = { collection };
    if (/No space left|ENOSPC|StorageFull/i.test(message)) {
      throw new ResiftError(
        'unavailable',
        `The disk is full: expected room for collection ${JSON.stringify(collection)}. Nothing was acknowledged; free some and try again.`,
        {
          cause: error,
          details: { ...details, reason: 'disk_full' },
        },
      );
    }
    if (/corrupt|not found: .*\.(lance|manifest|txn|idx|arrow)|Not a Lance|magic|checksum|Invalid range|decode/i.test(message)) {
      throw new ResiftError(
        'corrupt',
        `Collection ${JSON.stringify(collection)} is damaged: a file of its table is missing or was changed.`,
        {
          cause: error,
          details,
        },
      );
    }
    throw new ResiftError('unavailable', `The store failed on collection ${JSON.stringify(collection)}.`, { cause: error, details });
  }
}
