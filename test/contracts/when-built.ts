/** Searches of a large collection wait until its index is there. */
export async function whenBuilt<T>(search: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await search();
    } catch (error) {
      if ((error as { details?: { reason?: string } }).details?.reason !== 'building') throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
