import { parse } from 'csv-parse/sync';

/** The rows of a table as records, named by its first row. The separator is the one of comma, semicolon, tab and bar that the first row has most of. */
export function csvRecords(text: string): Record<string, unknown>[] {
  const firstLine = text.slice(0, 10_000).split('\n', 1)[0]!;
  const delimiter = [',', ';', '\t', '|'].reduce((best, candidate) =>
    firstLine.split(candidate).length > firstLine.split(best).length ? candidate : best,
  );
  const rows: string[][] = parse(text, { delimiter, relax_column_count: true, skip_empty_lines: true, trim: true, bom: true });
  const [header = [], ...body] = rows;
  const names = uniqueNames(header);
  return body.map((row) =>
    Object.fromEntries(row.map((value, i) => [names[i] ?? `column ${i + 1}`, value] as const).filter(([, value]) => value !== '')),
  );
}

function uniqueNames(header: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return header.map((cell, i) => {
    const name = cell === '' ? `column ${i + 1}` : cell;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} ${times}`;
  });
}
