import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { type Metadata, ResiftError } from '@resift/core';
import type { SourceDocument } from '@resift/retrieval/stores/store';
import type { Limits } from './limits.ts';
import { metadataSchema } from './metadata.ts';
import { checkEncodable, checkUsable } from './usable-text.ts';

export interface DocumentInput {
  readonly id?: string | undefined;
  readonly text: string;
  readonly title?: string | undefined;
  readonly url?: string | undefined;
  readonly metadata?: Metadata | undefined;
}

/** A document whose id is settled. */
export type NamedDocument = SourceDocument & { readonly id: string };

export const documentSchema = (limits: Limits): z.ZodType<DocumentInput> =>
  z
    .strictObject({
      id: z
        .string()
        .min(1)
        .refine((id) => Buffer.byteLength(id) <= limits.idBytes, `expected at most ${limits.idBytes} bytes`)
        .optional()
        .openapi({
          description: `1 to ${limits.idBytes} bytes, any characters. Without one, it is made from the content.`,
          example: 'dumb-and-dumber',
        }),
      text: z.string(),
      title: z.string().max(2_000).optional(),
      url: z.string().max(4_096).optional(),
      metadata: metadataSchema(limits).optional(),
    })
    .openapi('DocumentInput') as z.ZodType<DocumentInput>;

/** Gives each document an id and refuses what cannot be stored. `nameOf` says how to call a document in an error. */
export function sourceDocuments(inputs: readonly DocumentInput[], limits: Limits, nameOf: (index: number) => string): NamedDocument[] {
  const taken = new Map<string, number>();
  return inputs.map((input, index) => {
    const name = nameOf(index);
    if (input.text.length > limits.documentCharacters) {
      throw new ResiftError(
        'input_too_long',
        `${name}.text: expected at most ${limits.documentCharacters} characters. Split the document.`,
        {
          details: { field: `${name}.text`, limitCharacters: limits.documentCharacters },
        },
      );
    }
    // NUL and broken surrogates are removed from texts and counted by the store; an id could not be addressed afterwards.
    if (input.text.trim() === '') checkUsable(input.text, `${name}.text`);
    checkEncodable(input.id ?? '', `${name}.id`);

    const id = input.id ?? madeId(input, taken);
    const earlier = taken.get(id);
    if (earlier !== undefined) {
      throw new ResiftError('invalid_input', `${name}.id: expected ids that are unique in one request; ${nameOf(earlier)} has the same.`, {
        details: { field: `${name}.id` },
      });
    }
    taken.set(id, index);
    const { text, title, url, metadata } = input;
    return {
      id,
      text,
      ...(title !== undefined && { title }),
      ...(url !== undefined && { url }),
      ...(metadata !== undefined && { metadata }),
    };
  });
}

/** From the content, so that a request sent twice makes no second copy. */
function madeId({ text, title, url, metadata }: DocumentInput, taken: ReadonlyMap<string, number>): string {
  const content = JSON.stringify([text, title ?? null, url ?? null, metadata ?? null]);
  const id = `doc-${createHash('sha256').update(content).digest('hex').slice(0, 24)}`;
  if (!taken.has(id)) return id;
  for (let copy = 2; ; copy += 1) if (!taken.has(`${id}-${copy}`)) return `${id}-${copy}`;
}
