import { createHash } from 'node:crypto';
import { type Passage, passageText, type Tokenizer } from '@resift/core';
import { metadataTags } from '../filter.ts';
import { textKey } from '../stores/token-codec.ts';

/** One passage as it stands in the store, as far as a search by token vectors must know it. */
export interface LateEntry {
  /** Names this passage with this text: what was made of another text has another name, so nothing out of date is ever taken for it. */
  readonly version: string;
  readonly id: string;
  readonly documentId: string;
  /** Names the text that the token vectors were made of. */
  readonly key: string;
  readonly tags: readonly string[];
}

export function lateEntry(passage: Passage, tokenizer: Tokenizer): LateEntry {
  const key = textKey(passageText(passage, tokenizer));
  const version = createHash('sha256').update(key).update(passage.id, 'utf16le').digest('base64url').slice(0, 22);
  return { version, id: passage.id, documentId: passage.documentId, key, tags: metadataTags(passage.metadata) };
}

/** Whether it passes a filter, given as `filterTags` gives it. */
export function passes({ tags }: Pick<LateEntry, 'tags'>, groups: readonly (readonly string[])[]): boolean {
  return groups.every((group) => group.some((tag) => tags.includes(tag)));
}
