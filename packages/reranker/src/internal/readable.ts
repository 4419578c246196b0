import { ResiftError } from '@resift/core';
import type { Chooser } from './choose.ts';

/** Refuses an order that the model did not make: where most of its answers named no passage. */
export function readable(id: string, choose: Chooser): void {
  if (choose.unread() <= choose.asked() / 2) return;
  throw new ResiftError('bad_output', `${id} gave ${choose.unread()} of ${choose.asked()} answers that name no passage.`, {
    details: { reason: 'bad_response', asked: choose.asked(), unread: choose.unread() },
  });
}
