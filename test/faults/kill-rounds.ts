import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openLanceStore } from '@resift/retrieval/stores/lancedb';
import type { Store } from '@resift/retrieval/stores/store';
import { hashingEmbedder, hashingTokenEmbedder, wordTokenizer } from '../contracts/hashing-embedder.ts';
import { whenBuilt } from '../contracts/when-built.ts';
import { chunking, versionText } from './versioned-text.ts';

export interface KillReport {
  readonly acknowledged: number;
  /** Acknowledged, but not found, or older than what was acknowledged. */
  readonly lost: string[];
  /** Found, but not whole, or of two versions, or not in every leg. */
  readonly torn: string[];
  readonly slowestOpenMs: number;
}

interface History {
  readonly acked: Map<string, number>;
  readonly tried: Map<string, Set<number>>;
}

/** Fault F1: a process ingests at full speed and is killed with SIGKILL at a random moment; then, in this process, the store is opened and every document checked. */
export async function killRounds(rounds: number, seed: number, sabotage?: 'ack-early'): Promise<KillReport> {
  const directory = await mkdtemp(join(tmpdir(), 'resift-kill-'));
  const history: History = { acked: new Map(), tried: new Map() };
  const random = generator(seed);
  const lost: string[] = [];
  const torn: string[] = [];
  let slowestOpenMs = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      const touched = await ingestAndKill(
        directory,
        history,
        { lines: 1 + Math.floor(random() * 60), delayMs: random() * 20 },
        (round + 1) * 100_000,
        sabotage,
      );
      const began = performance.now();
      const models = { embedder: hashingEmbedder(), tokenEmbedder: hashingTokenEmbedder(), tokenizer: wordTokenizer };
      const settings = { ...models, chunking, indexTokensFrom: 40 };
      const store = await openLanceStore({ directory, ...settings });
      await store.collections();
      slowestOpenMs = Math.max(slowestOpenMs, performance.now() - began);
      // All of this round, and all of all rounds after the last one.
      const ids = round === rounds - 1 ? [...history.tried.keys()] : [...touched];
      for (const id of ids) await check(store, id, history, lost, torn);
      await store.close();
    }
    return { acknowledged: history.acked.size, lost, torn, slowestOpenMs };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function ingestAndKill(
  directory: string,
  { acked, tried }: History,
  after: { readonly lines: number; readonly delayMs: number },
  first: number,
  sabotage?: string,
): Promise<Set<string>> {
  const writer = new URL('./ingest-writer.ts', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    ['--conditions=@resift/source', '--import', 'tsx', writer, directory, String(first), sabotage ?? ''],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  const touched = new Set<string>();
  let left = after.lines;
  for await (const line of createInterface({ input: child.stdout })) {
    const [what, id, version] = line.split(' ') as [string, string, string];
    if (version === undefined) continue; // cut off by the kill
    touched.add(id);
    tried.set(id, (tried.get(id) ?? new Set()).add(Number(version)));
    if (what === 'ack') acked.set(id, Math.max(acked.get(id) ?? 0, Number(version)));
    // Counted in lines, so that a slow machine is killed as far into its work as a fast one.
    if (--left === 0) setTimeout(() => child.kill('SIGKILL'), after.delayMs);
  }
  await exited;
  if (child.signalCode !== 'SIGKILL') throw new Error(`The writer ended by itself: ${child.exitCode}.`);
  return touched;
}

async function check(store: Store, id: string, { acked, tried }: History, lost: string[], torn: string[]) {
  const document = await store.get('c', id).catch(() => undefined);
  const version = document?.metadata?.['version'] as number | undefined;
  const acknowledged = acked.get(id);
  if (!document) {
    if (acknowledged !== undefined) lost.push(`${id}: acknowledged as ${acknowledged}, not found`);
    return;
  }
  // Two versions that were in flight at once may be stored in either order, so any that was tried may be there, but it must be whole.
  if (!tried.get(id)?.has(version!)) torn.push(`${id}: version ${version} was never written`);
  if (document.text !== versionText(id, version!)) torn.push(`${id}: the text is not that of version ${version}`);
  if (acknowledged !== undefined && version! < acknowledged && !inFlightTogether(tried.get(id)!, version!, acknowledged)) {
    lost.push(`${id}: acknowledged as ${acknowledged}, found ${version}`);
  }
  const word = `${id.replace('-', 'x')}v${version}`;
  for (const leg of ['bm25', 'dense', 'late'] as const) {
    const retriever = leg === 'late' ? store.late!('c') : store.retriever('c', leg);
    const found = await whenBuilt(() => retriever.retrieve(word, { topK: 200, filter: { id } }));
    if (found.length !== document.chunks) torn.push(`${id}: ${leg} finds ${found.length} of ${document.chunks} passages`);
    const encodings = await store.encodings!(
      'c',
      found.map(({ document: passage }) => passage),
    );
    if (encodings.some((encoding) => !encoding)) torn.push(`${id}: token vectors of another version, or none`);
    if (found.some(({ document: passage }) => document.text.slice(passage.start, passage.end) !== passage.text))
      torn.push(`${id}: ${leg} finds another version`);
  }
}

/** Three lanes write at once, so numbers this near may have been in flight together. */
function inFlightTogether(tried: ReadonlySet<number>, a: number, b: number): boolean {
  return tried.has(a) && tried.has(b) && Math.abs(a - b) <= 12;
}

/** Mulberry32: the same seed gives the same moments. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}
