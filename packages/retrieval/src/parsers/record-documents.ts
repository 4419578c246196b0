import type { Metadata } from '@resift/core';
import type { LoadedDocument } from '../load.ts';

const TEXT_FIELDS = ['text', 'content', 'body'];
const MOST_FIELDS = 32;
const LONGEST_FIELD = 256;
const LONGEST_ID_BYTES = 512;

/**
 * A document per record. A record with a `text` (or `content`, `body`) is that text, with its title, url and id; any other is written out as
 * "field: value" lines. Short plain fields become metadata, to filter on.
 */
export function recordDocuments(file: string, records: readonly unknown[]): LoadedDocument[] {
  const ids = records.map(ownId);
  const usable = ids.every((id) => id !== undefined) && new Set(ids).size === ids.length;
  return records.map((record, i) =>
    recordDocument(record, (usable && ids[i]) || (records.length === 1 ? file : `${file}#${i + 1}`), file, i + 1),
  );
}

function recordDocument(record: unknown, id: string, file: string, row: number): LoadedDocument {
  if (record === null || typeof record !== 'object') return { id, text: String(record ?? ''), metadata: { file, row } };
  const fields = flat(record);
  const textField = Array.isArray(record)
    ? undefined
    : TEXT_FIELDS.find((name) => typeof (record as Record<string, unknown>)[name] === 'string');
  const named = (name: string) =>
    fields.find(([path, value]) => path === name && typeof value === 'string' && value.trim() !== '')?.[1] as string | undefined;
  const title = named('title') ?? named('name');
  const url = named('url');
  const special = new Set(['id', '_id', ...(textField ? [textField, 'title', 'url'] : [])]);
  const text = textField
    ? ((record as Record<string, unknown>)[textField] as string)
    : fields.map(([path, value]) => `${path}: ${value}`).join('\n');
  return {
    id,
    text,
    ...(title && { title }),
    ...(url && { url }),
    metadata: { file, row, ...described(fields.filter(([path]) => !special.has(path))) },
  };
}

const DEEPEST = 64;

type FieldValue = string | number | boolean;

/** `path` and value of every plain value inside, in order; lists of plain values as one line. With a stack of its own, since records may be nested deep. */
function flat(record: object): [string, FieldValue][] {
  const out: [string, FieldValue][] = [];
  const stack: [string, unknown, number][] = children(record, '', 0);
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [path, value, depth] = top;
    if (depth > DEEPEST) throw new Error(`a record is nested more than ${DEEPEST} levels deep`);
    if (value === null || value === '') continue;
    if (typeof value !== 'object') out.push([path, value as FieldValue]);
    else if (Array.isArray(value) && value.every((element) => typeof element !== 'object')) out.push([path, value.join(', ')]);
    else stack.push(...children(value, `${path}.`, depth));
  }
  return out;
}

function children(value: object, prefix: string, depth: number): [string, unknown, number][] {
  return Object.entries(value)
    .map(([key, inner]): [string, unknown, number] => [prefix + key, inner, depth + 1])
    .reverse();
}

function described(fields: readonly [string, FieldValue][]): Metadata {
  const short = fields.filter(
    ([path, value]) => path.length <= 64 && String(value).length <= LONGEST_FIELD && path !== 'file' && path !== 'row',
  );
  return Object.fromEntries(short.slice(0, MOST_FIELDS));
}

function ownId(record: unknown): string | undefined {
  if (record === null || typeof record !== 'object') return undefined;
  const { id = (record as { _id?: unknown })._id } = record as { id?: unknown };
  if (typeof id !== 'string' && typeof id !== 'number') return undefined;
  const bytes = Buffer.byteLength(String(id));
  return bytes >= 1 && bytes <= LONGEST_ID_BYTES ? String(id) : undefined;
}
