/** One finding of `resift doctor`. */
export interface Check {
  readonly name: string;
  /** A warning does not keep resift from working. */
  readonly status: 'ok' | 'warning' | 'failed';
  /** What was found, in one sentence. */
  readonly says: string;
  /** What to do about it; absent where all is well. */
  readonly todo?: string;
}

export const ok = (name: string, says: string): Check => ({ name, status: 'ok', says });
export const warning = (name: string, says: string, todo: string): Check => ({ name, status: 'warning', says, todo });
export const failed = (name: string, says: string, todo: string): Check => ({ name, status: 'failed', says, todo });

/** The first line of whatever was thrown. */
export const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
