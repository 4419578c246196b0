/** Changes a stream of text, holding back what it cannot judge yet, and knows where everything went. */
export interface TextStage {
  /** Takes more input and gives the output that is certain now. */
  push(text: string): string;
  /** Gives the rest. */
  end(): string;
  /** Where an input position lies in the output. Inside something replaced, a start goes before the replacement and an end after it. */
  toOutput(position: number, side: 'start' | 'end'): number;
  /** Whether everything up to this input position is in the output given so far. */
  settled(position: number): boolean;
}

/** Replaces `take` characters of input by `give`. */
export interface Edit {
  readonly take: number;
  readonly give: string;
}

/**
 * What to do at `text[at]`, given that nothing before it matters but `before`, the character just consumed; `undefined`
 * asks for more input. It must ask whenever later input could change its mind: then the output never depends on how the input was cut.
 */
export type Step = (text: string, at: number, ended: boolean, before: string) => Edit | undefined;

export function textStage(step: Step): TextStage {
  const edits: { from: number; to: number; take: number; give: number; copied: boolean }[] = [];
  let buffer = '';
  let before = '';
  let settled = 0;
  let given = 0;

  function run(ended: boolean): string {
    let at = 0;
    let output = '';
    while (at < buffer.length) {
      const edit = step(buffer, at, ended, before);
      if (!edit) break;
      const taken = buffer.slice(at, at + edit.take);
      record(edit, taken === edit.give);
      output += edit.give;
      at += edit.take;
      before = taken.at(-1) ?? before;
    }
    buffer = buffer.slice(at);
    return output;
  }

  function record({ take, give }: Edit, copied: boolean) {
    const last = edits.at(-1);
    if (copied && last?.copied) {
      last.take += take;
      last.give += take;
    } else {
      edits.push({ from: settled, to: given, take, give: give.length, copied });
    }
    settled += take;
    given += give.length;
  }

  return {
    push(text) {
      buffer += text;
      return run(false);
    },
    end: () => run(true),
    toOutput(position, side) {
      const edit = edits.find(
        ({ from, take }) => position >= from && (position < from + take || (side === 'end' && position === from + take)),
      );
      if (!edit) return given;
      if (edit.copied || position === edit.from) return edit.to + (position - edit.from);
      return side === 'start' && position < edit.from + edit.take ? edit.to : edit.to + edit.give;
    },
    settled: (position) => position <= settled,
  };
}

/** The stages one after the other, as one. */
export function chained(first: TextStage, second: TextStage): TextStage {
  return {
    push: (text) => second.push(first.push(text)),
    end: () => second.push(first.end()) + second.end(),
    toOutput: (position, side) => second.toOutput(first.toOutput(position, side), side),
    settled: (position) => first.settled(position) && second.settled(first.toOutput(position, 'end')),
  };
}
