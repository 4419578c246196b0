/** About `limit` of a list, evenly spread in the given order, so that every set and slice stays in its share; all of it without a limit. */
export function everyNth<T>(list: readonly T[], limit: number | undefined): T[] {
  const step = limit === undefined ? 1 : Math.ceil(list.length / limit);
  return list.filter((_, i) => i % step === 0);
}
