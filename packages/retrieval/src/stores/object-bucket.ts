/** An object with the tag that names this very version of it. */
export interface StoredObject {
  readonly text: string;
  readonly tag: string;
}

/** The part of an object store that we need: small texts written under a condition, and pieces of files that never change. */
export interface ObjectBucket {
  get(key: string): Promise<StoredObject | undefined>;
  /** Writes only where there is no such object (`tag` undefined), or only over the version named. Gives back the new tag, or undefined where the condition did not hold. */
  put(key: string, text: string, over: string | undefined): Promise<string | undefined>;
  delete(key: string): Promise<void>;
  /** The bytes of an object; undefined where there is none. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** Writes an object, over another if there is one. */
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** The sizes in bytes of all objects whose keys begin so, by key. */
  list(prefix: string): Promise<ReadonlyMap<string, number>>;
}
