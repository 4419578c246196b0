import { ResiftError } from '@resift/core';

/** LanceDB, which is an optional peer, and what is written over it. `unavailable`, with the line that installs it, where it is not there. */
export async function lanceDriver(): Promise<LanceDriver> {
  try {
    const [{ connect }, table, collection] = await Promise.all([
      import('@lancedb/lancedb'),
      import('./lance-table.ts'),
      import('./lance-collection.ts'),
    ]);
    return { connect, ...table, ...collection };
  } catch (error) {
    throw new ResiftError(
      'unavailable',
      'Expected LanceDB to be installed. Run `npm install @lancedb/lancedb@0.37.1 apache-arrow@18.1.0`.',
      {
        cause: error,
      },
    );
  }
}

type LanceDriver = Pick<typeof import('@lancedb/lancedb'), 'connect'> &
  typeof import('./lance-table.ts') &
  typeof import('./lance-collection.ts');
