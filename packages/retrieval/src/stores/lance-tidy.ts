/** Merges small files and brings indexes up to date: at once after many changes, else when nothing has changed for a while. */
export interface Tidying {
  /** To be called after each commit. Rejects where it was time to tidy and that failed; it is then tried again after the next commits. */
  committed(name: string, rows: number): Promise<void>;
  close(): void;
}

export interface TidyingOptions {
  /** Passages of the collection, and the small files that were there when it was opened. */
  readonly extent: (name: string) => Promise<{ readonly chunks: number; readonly smallFiles: number }>;
  readonly optimize: (name: string) => Promise<void>;
  readonly idleMs?: number | undefined;
}

/** So many commits make as many small files; then they are merged. */
const COMMITS = 64;
const LEAST_NEW_ROWS = 4_096;
const NEW_SHARE = 0.25;
/** Searches read new rows one by one, so a pause is used after fewer. */
const COMMITS_BEFORE_PAUSE = 8;
const IDLE_MS = 2_000;

export function createTidying({ extent, optimize, idleMs = IDLE_MS }: TidyingOptions): Tidying {
  const since = new Map<string, { commits: number; rows: number; timer?: NodeJS.Timeout }>();

  async function tidy(name: string) {
    clearTimeout(since.get(name)?.timer);
    since.delete(name);
    await optimize(name);
  }

  return {
    async committed(name, rows) {
      const state = since.get(name) ?? { commits: 0, rows: 0 };
      since.set(name, state);
      state.commits += 1;
      state.rows += rows;
      clearTimeout(state.timer);
      if (state.commits >= COMMITS_BEFORE_PAUSE) state.timer = setTimeout(() => tidy(name).catch(() => {}), idleMs).unref();
      const { chunks, smallFiles } = await extent(name);
      const due = state.commits + smallFiles >= COMMITS || state.rows >= Math.max(LEAST_NEW_ROWS, NEW_SHARE * chunks);
      if (due && since.get(name) === state) await tidy(name);
    },
    close() {
      for (const { timer } of since.values()) clearTimeout(timer);
      since.clear();
    },
  };
}
