/** A text that was changed, and where each of its UTF-16 units came from in the text as it was given. */
export interface Aligned {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** A text as it came, standing at `offset` in the source. */
export function aligned(text: string, offset = 0): Aligned {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let i = 0; i < text.length; i += 1) {
    starts.push(offset + i);
    ends.push(offset + i + 1);
  }
  return { text, starts, ends };
}

export function partOf({ text, starts, ends }: Aligned, from: number, to: number): Aligned {
  if (from === 0 && to === text.length) return { text, starts, ends };
  return { text: text.slice(from, to), starts: starts.slice(from, to), ends: ends.slice(from, to) };
}

/** Builds a changed text from left to right. */
export function alignedFrom(source: Aligned): {
  keep(from: number, to: number): void;
  put(text: string, from: number, to: number): void;
  done(): Aligned;
} {
  const pieces: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  return {
    keep(from, to) {
      pieces.push(source.text.slice(from, to));
      for (let i = from; i < to; i += 1) {
        starts.push(source.starts[i]!);
        ends.push(source.ends[i]!);
      }
    },
    /** Text that stands for `[from, to)` of the source; for nothing, where they are equal. */
    put(text, from, to) {
      const start = source.starts[from] ?? source.ends.at(-1) ?? 0;
      const end = to > from ? source.ends[to - 1]! : start;
      pieces.push(text);
      for (let i = 0; i < text.length; i += 1) {
        starts.push(start);
        ends.push(end);
      }
    },
    done: () => ({ text: pieces.join(''), starts, ends }),
  };
}

/** Puts `content` in the place of every match. */
export function replaced(source: Aligned, pattern: RegExp, content: (match: string) => string): Aligned {
  let out: ReturnType<typeof alignedFrom> | undefined;
  let done = 0;
  for (const { 0: match, index } of source.text.matchAll(pattern)) {
    if (match === '') continue;
    out ??= alignedFrom(source);
    out.keep(done, index);
    out.put(content(match), index, index + match.length);
    done = index + match.length;
  }
  if (!out) return source;
  out.keep(done, source.text.length);
  return out.done();
}
