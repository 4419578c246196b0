/** Starts a watch on the monotonic clock; each call gives the milliseconds since, to a thousandth. */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => Math.round((performance.now() - start) * 1000) / 1000;
}
