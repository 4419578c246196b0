/**
 * The text of a record for a reranker: one line `name: value` for each named field that is there, in the order named (default: every field). Objects and lists
 * become JSON. A dot reaches inside: `author.name`.
 */
export function fieldText(record: Readonly<Record<string, unknown>>, fields: readonly string[] = Object.keys(record)): string {
  return fields.flatMap((name) => line(name, reach(record, name))).join('\n');
}

function reach(record: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(record, name)) return record[name];
  let value: unknown = record;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

function line(name: string, value: unknown): string[] {
  if (value === undefined || value === null || value === '') return [];
  return [`${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`];
}
