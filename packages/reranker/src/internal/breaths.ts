const SLICE_MS = 4;

/** Everybody who waits for a turn: those who have begun before those who come, so that one is done early rather than all late. */
const waiting: (() => void)[] = [];
let running = false;

/** Long work of this thread takes turns of a few milliseconds, one at a time between two turns of the event loop, however many such works there are. Await it before the first step. */
export function nextTurn(): Promise<void> {
  return turn((resolve) => waiting.push(resolve));
}

function turn(enter: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    enter(resolve);
    if (running) return;
    running = true;
    later(run);
  });
}

/** A function to await between steps of long work: every few milliseconds it waits for the next turn, and costs nothing else. */
export function breaths(): () => Promise<void> | undefined {
  let until = performance.now() + SLICE_MS;
  return () => {
    if (performance.now() < until) return undefined;
    return turn((resolve) => waiting.unshift(resolve)).then(() => {
      until = performance.now() + SLICE_MS;
    });
  };
}

function run() {
  waiting.shift()?.();
  if (waiting.length > 0) later(run);
  else running = false;
}

/** Not everywhere is Node. */
function later(work: () => void) {
  if (typeof setImmediate === 'function') setImmediate(work);
  else setTimeout(work);
}
