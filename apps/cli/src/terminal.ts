import pc from 'picocolors';
import { cliEnvironment } from './config.ts';

/** Colours where a person reads along; plain text into a pipe or file. */
export const colours: ReturnType<typeof pc.createColors> = pc.createColors(cliEnvironment().colour);

/** One line on stderr that rewrites itself, on a terminal only; a pipe or a log gets nothing. */
export function progressLine(stream: NodeJS.WriteStream = process.stderr): { show(text: string): void; clear(): void } {
  const shown = stream.isTTY === true;
  return {
    show(text) {
      if (shown) stream.write(`\r\u001b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    clear() {
      if (shown) stream.write('\r\u001b[2K');
    },
  };
}

/** Prints for people as `text`, for programs (`--json`) as one JSON document. */
export function print(value: unknown, { json, text }: { json: boolean; text: () => string }): void {
  process.stdout.write(`${json ? JSON.stringify(value, null, 2) : text()}\n`);
}

/** Cuts a text to one line of at most `width` characters. */
export function oneLine(text: string, width: number): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  return flat.length <= width ? flat : `${flat.slice(0, width - 1).trimEnd()}…`;
}
