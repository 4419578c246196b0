/** Works on all items, sixteen at a time: every worker of a pool is busy and none is asked for too much. */
export async function inParts<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < items.length; at += 16) await Promise.all(items.slice(at, at + 16).map(work));
}
