/** A list gives its elements, anything else itself. */
export function jsonRecords(text: string): unknown[] {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value : [value];
}

/** One value per line; blank lines are skipped. Throws naming the line that is not JSON. */
export function jsonlRecords(text: string): unknown[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch (error) {
      throw new Error(`line ${i + 1} is not JSON (${(error as Error).message.slice(0, 120)})`);
    }
  });
}
