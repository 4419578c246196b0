import { DoorError } from './errors.ts';

/** Any body may take so long, however slow it comes. */
const GRACE_MS = 10_000;
/** Bytes a second on average that it needs after that: a tenth of what a bad mobile connection sends. */
const LEAST_PER_SECOND = 1_024;
const CHECK_MS = 1_000;

/** Watches how fast a body comes: one that is sent a byte at a time would hold its socket as long as the sender likes. Rejects with 408. */
export function bodyPace(received: () => number): { readonly tooSlow: Promise<never>; stop(): void } {
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const ms = performance.now() - began;
      if (ms < GRACE_MS || received() >= (LEAST_PER_SECOND * ms) / 1_000) return;
      reject(
        new DoorError(
          408,
          'request_timeout',
          `Expected the body at ${LEAST_PER_SECOND} bytes a second or more, got ${received()} in ${Math.round(ms / 1_000)} s.`,
        ),
      );
    }, CHECK_MS);
  });
  tooSlow.catch(() => {}); // nobody may be waiting any more
  return { tooSlow, stop: () => clearInterval(timer) };
}
