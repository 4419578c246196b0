const SLICE_MS = 8;

/** A function to await between steps of long work: every few milliseconds it lets the event loop have a turn, and costs nothing else. */
export function breaths(): () => Promise<void> | undefined {
  let until = performance.now() + SLICE_MS;
  return () => {
    if (performance.now() < until) return undefined;
    return new Promise((resolve) => {
      later(() => {
        until = performance.now() + SLICE_MS;
        resolve();
      });
    });
  };
}

/** Not everywhere is Node. */
function later(work: () => void) {
  if (typeof setImmediate === 'function') setImmediate(work);
  else setTimeout(work);
}
