export const chunking = { maxTokens: 30, overlapTokens: 0 };

/** A text of several passages; every sentence names its document and its version, so that a mixture shows. */
export function versionText(id: string, version: number): string {
  const name = `${id.replace('-', 'x')}v${version}`;
  return Array.from({ length: 6 + (version % 25) }, (_, i) => `Sentence ${i} of ${name} tells of ships, rocks, fog and bells.`).join(' ');
}
