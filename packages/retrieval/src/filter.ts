import { type Filter, type Metadata, type MetadataValue, ResiftError } from '@resift/core';

/**
 * Metadata as a flat list of `"field"=value` entries, both parts as JSON, so that a store that only knows lists of strings can
 * filter on it. Lists give one entry per element (a filter then means "contains"), nested objects dotted field names.
 */
export function metadataTags(metadata: Metadata | undefined): string[] {
  const tags: string[] = [];
  if (metadata) collect('', metadata, tags);
  return tags;
}

/** A filter in the same words: for every field the entries of which one must be there. */
export function filterTags(filter: Filter | undefined): string[][] {
  return Object.entries(filter ?? {}).map(([field, wanted]) => {
    const values: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
    return values.map((value) => {
      if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return tag(field, value as string);
      throw new ResiftError(
        'invalid_input',
        `Expected filter.${field} to be a string, a finite number, a boolean or a list of them, got ${value === null ? 'null' : typeof value}.`,
        { details: { field: `filter.${field}` } },
      );
    });
  });
}

function collect(path: string, value: MetadataValue, tags: string[]) {
  if (value === null) return;
  if (Array.isArray(value)) for (const element of value) collect(path, element, tags);
  else if (typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) collect(path === '' ? key : `${path}.${key}`, inner as MetadataValue, tags);
  } else tags.push(tag(path, value as string));
}

function tag(field: string, value: string | number | boolean): string {
  return `${JSON.stringify(field)}=${JSON.stringify(value)}`;
}
