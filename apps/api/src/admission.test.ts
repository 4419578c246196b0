import { isResiftError } from '@resift/core';
import { expect, it, vi } from 'vitest';
import { createAdmission } from './admission.ts';

function gate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const WAIT = { waitMs: 1_000 };

it('runs at most so many at once, the others in turn', async () => {
  const admission = createAdmission({ concurrency: 2, queuedRequests: 10 });
  const gates = [gate(), gate(), gate()];
  const started: number[] = [];
  const all = gates.map(({ opened }, i) =>
    admission.run(10, WAIT, async () => {
      started.push(i);
      await opened;
      return i;
    }),
  );
  await vi.waitFor(() => expect(started).toEqual([0, 1]));
  expect(admission.depth).toBe(10);
  gates[1]!.open();
  await vi.waitFor(() => expect(started).toEqual([0, 1, 2]));
  for (const { open } of gates) open();
  expect(await Promise.all(all)).toEqual([0, 1, 2]);
  expect(admission.depth).toBe(0);
});

it('turns away, without any work, what would wait too long', async () => {
  let now = 0;
  const rejected: string[] = [];
  const admission = createAdmission({ concurrency: 1, queuedRequests: 10, now: () => now, onReject: (reason) => rejected.push(reason) });
  // 100 pairs a second.
  await admission.run(100, WAIT, async () => {
    now += 1_000;
  });
  const { opened, open } = gate();
  const running = admission.run(200, WAIT, () => opened);
  const work = vi.fn();
  const error = await admission.run(1, { waitMs: 900 }, work).catch((reason: unknown) => reason);
  expect(isResiftError(error, 'overloaded') && error.details['retryAfterMs']).toBe(1_000);
  expect(work).not.toHaveBeenCalled();
  expect(rejected).toEqual(['predicted_wait']);
  const patient = admission.run(1, { waitMs: 1_100 }, async () => 'done');
  open();
  await running;
  expect(await patient).toBe('done');
});

it('has a bound on how many wait', async () => {
  const admission = createAdmission({ concurrency: 1, queuedRequests: 2 });
  const { opened, open } = gate();
  const running = [1, 2, 3].map(() => admission.run(1, WAIT, () => opened));
  await expect(admission.run(1, WAIT, async () => 0)).rejects.toMatchObject({ code: 'overloaded' });
  open();
  await Promise.all(running);
});

it('answers a caller that leaves while it waits at once, and never runs its work', async () => {
  const admission = createAdmission({ concurrency: 1, queuedRequests: 2 });
  const { opened, open } = gate();
  const running = admission.run(1, WAIT, () => opened);
  const controller = new AbortController();
  const work = vi.fn();
  const leaving = admission.run(7, { ...WAIT, signal: controller.signal }, work);
  expect(admission.depth).toBe(7);
  controller.abort(new Error('gone'));
  await expect(leaving).rejects.toThrow('gone');
  expect(admission.depth).toBe(0);
  open();
  await running;
  expect(work).not.toHaveBeenCalled();
  expect(await admission.run(1, WAIT, async () => 'next')).toBe('next');
});
