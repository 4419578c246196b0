import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Vitest's global setup: nothing at the start, and at the end of the run the tarballs and the installed library that its files shared are removed. */
export default function setup(): () => void {
  return () => rmSync(join(tmpdir(), `resift-packs-${process.pid}`), { recursive: true, force: true });
}
