import type { UrlPolicy } from './allowed-urls.ts';
import { type Blocked, safeLinks } from './safe-links.ts';
import { chained, type TextStage } from './text-stage.ts';
import { visibleTextStage } from './visible-text.ts';

export interface OutputFilter extends TextStage {
  /** What was taken out so far. */
  readonly blocked: Readonly<Blocked>;
}

/**
 * Stands between any generator and the reader: no address that is not word for word in the sources (or on an allowed host),
 * no images, no active HTML, no invisible characters, at no moment of the stream (reliability I3). A fully obedient model
 * under an attacker's words can then show no link of the attacker's making. Holds back at most 2 KiB.
 */
export function outputFilter(policy: UrlPolicy): OutputFilter {
  const blocked: Blocked = { urls: 0, images: 0, tags: 0 };
  return { ...chained(visibleTextStage(), safeLinks(policy, blocked)), blocked };
}
