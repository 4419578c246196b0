import { ResiftError } from '@resift/core';

/** The entry of that name, or a 404 that lists the names there are. */
export function named<T>(entries: ReadonlyMap<string, T>, name: string, { kind, field }: { kind: string; field: string }): T {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  throw new ResiftError(
    'not_found',
    `There is no ${kind} ${JSON.stringify(name.slice(0, 80))}. Expected one of: ${[...entries.keys()].join(', ')}.`,
    {
      details: { field },
    },
  );
}
