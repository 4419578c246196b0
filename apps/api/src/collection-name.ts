import { z } from '@hono/zod-openapi';

/** A collection becomes a table's name, so only these characters: no path, no look-alike letters. */
export const CollectionName: z.ZodString = z
  .string()
  .regex(
    /^(?!.*\.\.)[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/,
    'expected 1 to 64 letters, digits, ".", "_" and "-", beginning with a letter or digit',
  )
  .openapi({ example: 'default' });

export const DEFAULT_COLLECTION = 'default';
