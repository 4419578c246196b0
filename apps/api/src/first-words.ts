/** How long a stream may wait for its first event before it is opened without one. */
const PATIENCE_MS = 1_000;

/**
 * Waits a moment for the first event, so that a model that cannot answer at all becomes an HTTP status and not an error inside
 * a 200. After that the sources should not wait for the model any longer. Gives back all events, the first one included.
 */
export async function firstWords<T>(events: AsyncGenerator<T>, patienceMs: number = PATIENCE_MS): Promise<AsyncGenerator<T>> {
  const first = events.next();
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  await Promise.race([first, patience]).finally(() => clearTimeout(timer));
  // Whoever reads on meets the failure; until then it must not count as unhandled.
  first.catch(() => {});
  return resumed(first, events);
}

async function* resumed<T>(first: Promise<IteratorResult<T>>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    const { done, value } = await first;
    if (done) return;
    yield value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
