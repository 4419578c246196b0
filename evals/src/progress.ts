/** Writes progress to standard error: one line that is redrawn on a terminal, a line every half minute elsewhere. */
export function progressTo(stream: NodeJS.WriteStream): { show(text: string): void; done(): void } {
  let last = 0;
  let drawn = false;
  return {
    show(text) {
      const now = Date.now();
      if (now - last < (stream.isTTY ? 100 : 30_000)) return;
      last = now;
      drawn = stream.isTTY;
      stream.write(stream.isTTY ? `\r\x1b[2K${text.slice(0, (stream.columns ?? 100) - 1)}` : `${text}\n`);
    },
    done() {
      if (drawn) stream.write('\r\x1b[2K');
      drawn = false;
      last = 0;
    },
  };
}
