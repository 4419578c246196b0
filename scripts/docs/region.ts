/** Puts `content` between `<!-- generated:name -->` and `<!-- /generated:name -->`. Throws where a text has no such place. */
export function fillRegion(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- generated:${name} -->`, `<!-- /generated:${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`Expected ${open} … ${close} in the text.`);
  return `${text.slice(0, start + open.length)}\n\n${content.trim()}\n\n${text.slice(end)}`;
}

/** A Markdown table. A `|` inside a cell is written so that it stays there. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The rows of the first Markdown table of a text, each a record by the head's words. */
export function readTable(text: string): Record<string, string>[] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  const cells = (line: string) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
  const head = cells(lines[0] ?? '');
  const end = lines.findIndex((line, i) => i > 1 && /^\|[\s:|-]+\|$/.test(line));
  const rows = lines.slice(2, end < 0 ? undefined : end - 1);
  return rows.map(cells).map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ''])));
}
