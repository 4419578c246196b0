import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Config } from '@resift/api/config';
import { isResiftError } from '@resift/core';
import { type Check, failed, ok, sentence } from './check.ts';

/** Opens the store of every tenant, as the server would, and closes it again; says who holds it where somebody does. */
export async function storeCheck(config: Config, signal: AbortSignal): Promise<Check> {
  const folder = resolve(config.dataDir);
  const missing = await firstMissing(folder);
  if (missing) return missing;
  const { openServices } = await import('@resift/api/open-services');
  try {
    const services = await openServices(config);
    try {
      signal.throwIfAborted();
      const tenants = config.keys.length === 0 ? ['default'] : [...new Set(config.keys.map(({ tenant }) => tenant))];
      const counts = await Promise.all(tenants.map(async (tenant) => (await (await services.store(tenant)).collections()).length));
      const collections = counts.reduce((sum, count) => sum + count, 0);
      return ok('store', `${folder} opens: ${collections} collections of ${tenants.length} tenants`);
    } finally {
      await services.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    // One writer at a time: a running server is no fault.
    if (isResiftError(error, 'conflict')) return held(error, folder);
    return failed(
      'store',
      `the store in ${folder} does not open: ${sentence(error)}`,
      'Set RESIFT_DATA_DIR to another folder, or restore this one from a copy.',
    );
  }
}

function held(error: Error & { readonly details: Readonly<Record<string, unknown>> }, folder: string): Check {
  const pid = error.details['pid'];
  if (typeof pid !== 'number')
    return failed('store', sentence(error), 'Try again; if it stays, stop the other processes that use this folder.');
  return ok('store', `${folder} is held by process ${pid}: while that runs, commands ask it over HTTP`);
}

/** A folder that does not exist yet is made at the first start, if its parent may be written to. */
async function firstMissing(folder: string): Promise<Check | undefined> {
  const info = await stat(folder).catch(() => undefined);
  if (info && !info.isDirectory()) return failed('store', `${folder} is a file`, 'Set RESIFT_DATA_DIR to a folder.');
  const writable = (path: string) =>
    access(path, constants.W_OK).then(
      () => true,
      () => false,
    );
  if (info) {
    if (await writable(folder)) return undefined;
    return failed('store', `${folder} cannot be written to`, 'Give this user the right to write there, or set RESIFT_DATA_DIR.');
  }
  let parent = dirname(folder);
  while (!(await stat(parent).catch(() => undefined))) parent = dirname(parent);
  if (await writable(parent)) return ok('store', `${folder} does not exist yet; the first start makes it`);
  return failed(
    'store',
    `${folder} does not exist and cannot be made in ${parent}`,
    'Set RESIFT_DATA_DIR to a folder that this user may write to.',
  );
}
