import { ResiftError } from '@resift/core';

/** Throws `unusable_content` for a text that is only white space or holds what no text should: NUL, half a surrogate pair. */
export function checkUsable(text: string, field: string): void {
  if (text.trim() === '') refuse(field, 'Expected at least one character that is not white space');
  checkEncodable(text, field);
}

export function checkEncodable(text: string, field: string): void {
  if (text.includes('\u0000')) refuse(field, 'Expected no NUL character');
  if (/\p{Surrogate}/u.test(text)) refuse(field, 'Expected whole characters, got half of a surrogate pair');
}

function refuse(field: string, sentence: string): never {
  throw new ResiftError('unusable_content', `${field}: ${sentence}.`, { details: { field } });
}

/** A question is never cut: one that is too long is refused. */
export function checkQuestion(text: string, field: string, { queryCharacters }: { readonly queryCharacters: number }): void {
  if (text.length > queryCharacters) {
    throw new ResiftError('input_too_long', `${field}: expected at most ${queryCharacters} characters, got ${text.length}.`, {
      details: { field, limitCharacters: queryCharacters },
    });
  }
  checkUsable(text, field);
}
