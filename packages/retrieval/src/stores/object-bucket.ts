/** An object with the tag that names this very version of it. */
export interface StoredObject {
  readonly text: string;
  readonly tag: string;
}

/** The part of an object store that a lock needs: whole small objects, written under a condition. */
export interface ObjectBucket {
  get(key: string): Promise<StoredObject | undefined>;
  /** Writes only where there is no such object (`tag` undefined), or only over the version named. Gives back the new tag, or undefined where the condition did not hold. */
  put(key: string, text: string, over: string | undefined): Promise<string | undefined>;
  delete(key: string): Promise<void>;
}
