/** A passage to rank. Nothing here changes it: you get back the very object you passed in. */
export interface Document {
  readonly id: string;
  readonly text: string;
}

/** TREC relevance grade, the integers qrels use, so a judge's output can be an evaluation's input. */
export type Grade = 0 | 1 | 2 | 3;

/** A value that a metadata field may hold. */
export type MetadataValue = string | number | boolean | null | readonly MetadataValue[] | { readonly [key: string]: MetadataValue };

export type Metadata = Readonly<Record<string, MetadataValue>>;

/** A piece of a source document. `start` and `end` are UTF-16 offsets into that document's text: `text === source.slice(start, end)`. */
export interface Passage extends Document {
  readonly documentId: string;
  readonly start: number;
  readonly end: number;
  readonly title?: string;
  readonly url?: string;
  readonly metadata?: Metadata;
}
