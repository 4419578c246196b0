const SLICE_MS = 5;

/** A function to await between steps of long work: every few milliseconds it lets the event loop have a turn, and costs nothing else. */
export function breaths(): () => Promise<void> | undefined {
  let until = performance.now() + SLICE_MS;
  return () => {
    if (performance.now() < until) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        until = performance.now() + SLICE_MS;
        resolve();
      });
    });
  };
}
