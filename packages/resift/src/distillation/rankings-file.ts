import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { ResiftError } from '@resift/core';

/** A teacher's order of one query's candidates. */
export interface TeacherRanking {
  readonly query: string;
  readonly text: string;
  /** Ids in first-stage order. */
  readonly candidates: readonly string[];
  /** Ids in the teacher's order, best first; what it gave no score is left out. */
  readonly order: readonly string[];
  /** Beside `order`; absent where the scale is ordinal, for then only the order counts. */
  readonly scores?: readonly number[];
}

/** What all rankings of a file have in common. */
export interface RankingsOrigin {
  readonly teacher: string;
  readonly retriever: string;
  readonly candidates: number;
  /** Of the documents. */
  readonly fingerprint: string;
}

export interface RankingsFile {
  /** In the order they were written. */
  readonly rankings: readonly TeacherRanking[];
  has(query: string): boolean;
  /** On the disk when it returns. */
  add(ranking: TeacherRanking): void;
  close(): void;
}

const FORMAT = 'resift-rankings-1';

/**
 * Opens the rankings of a teacher: JSON Lines, the first says where they come from. A kill can cut only the last line, which is then dropped and asked for again. A file of another teacher, corpus or number
 * of candidates is `conflict`: rankings that cannot be compared never mix.
 */
export function openRankings(path: string, origin: RankingsOrigin): RankingsFile {
  const kept = existsSync(path) ? readKept(path, origin) : [];
  const rankings = [...kept];
  const known = new Set(kept.map(({ query }) => query));
  const file = openSync(path, 'a');
  const write = (record: unknown) => {
    writeSync(file, `${JSON.stringify(record)}\n`);
    fsyncSync(file);
  };
  if (readFileSync(path).length === 0) write({ format: FORMAT, ...origin });

  return {
    rankings,
    has: (query) => known.has(query),
    add(ranking) {
      write(ranking);
      rankings.push(ranking);
      known.add(ranking.query);
    },
    close: () => closeSync(file),
  };
}

function readKept(path: string, origin: RankingsOrigin): TeacherRanking[] {
  const bytes = readFileSync(path);
  const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
  if (whole.length < bytes.length) truncateSync(path, whole.length);
  const [header, ...lines] = whole.toString('utf8').split('\n').slice(0, -1);
  if (header === undefined) return [];
  const found = parsed(header, path, 1) as Partial<RankingsOrigin> & { format?: string };
  const differs = (Object.keys(origin) as (keyof RankingsOrigin)[]).filter((name) => found[name] !== origin[name]);
  if (found.format !== FORMAT || differs.length > 0) {
    throw new ResiftError(
      'conflict',
      `${path} holds other rankings (${found.format === FORMAT ? differs.map((name) => `${name}: ${found[name]}, now ${origin[name]}`).join('; ') : 'no rankings of resift distil'}). Name another --out, or delete it.`,
    );
  }
  return lines.map((line, i) => parsed(line, path, i + 2) as TeacherRanking);
}

function parsed(line: string, path: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ResiftError('corrupt', `${path}:${number} is not JSON: delete this line and run again.`, { cause });
  }
}
