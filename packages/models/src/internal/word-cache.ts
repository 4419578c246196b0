/** Remembers the last `size` to `2 * size` entries used: two generations, no bookkeeping per read. */
export interface WordCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

export function createWordCache<Value>(size: number): WordCache<Value> {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  const set = (key: string, value: Value) => {
    if (young.size >= size) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    // A copy of the key: a slice would keep the whole text that it was cut from alive for as long as it is cached.
    set: (key, value) => set(Buffer.from(key, 'utf16le').toString('utf16le'), value),
    get(key) {
      const found = young.get(key);
      if (found !== undefined) return found;
      const older = old.get(key);
      if (older !== undefined) set(key, older);
      return older;
    },
  };
}
