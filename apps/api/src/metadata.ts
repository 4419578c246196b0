import { z } from '@hono/zod-openapi';
import type { Filter, Metadata } from '@resift/core';
import type { Limits } from './limits.ts';

/** Keys that a careless `Object.assign` somewhere would turn into a prototype. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Free JSON under names of the caller's choice, but small and flat. */
export const metadataSchema = ({ metadataBytes, metadataDepth, metadataKeys }: Limits): z.ZodType<Metadata> =>
  z
    .custom<Metadata>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected an object')
    .superRefine((value, context) => {
      const mistake =
        mistakeIn(value, metadataDepth) ?? (Object.keys(value).length > metadataKeys ? `expected at most ${metadataKeys} keys` : undefined);
      if (mistake) context.addIssue({ code: 'custom', message: mistake });
      else if (Buffer.byteLength(JSON.stringify(value)) > metadataBytes)
        context.addIssue({ code: 'custom', message: `expected at most ${metadataBytes} bytes of JSON` });
    })
    .openapi({
      type: 'object',
      additionalProperties: true,
      description: `Free JSON, at most ${metadataBytes} bytes and ${metadataDepth} levels.`,
    });

const scalar = z.union([z.string().max(1_000), z.number(), z.boolean()]);

/** Every named field must equal the value, or one of the values. */
export const filterSchema: z.ZodType<Filter> = z
  .custom<Record<string, unknown>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected an object')
  .superRefine((value, context) => {
    const keys = Object.keys(value);
    const bad = keys.find((key) => FORBIDDEN.has(key));
    if (bad) context.addIssue({ code: 'custom', message: `the key ${bad} is not allowed` });
    if (keys.length > 32) context.addIssue({ code: 'custom', message: 'expected at most 32 fields' });
    for (const key of keys) {
      if (z.union([scalar, z.array(scalar).min(1).max(100)]).safeParse(value[key]).success) continue;
      context.addIssue({ code: 'custom', path: [key], message: 'expected a string, a number, a boolean, or a list of 1 to 100 of them' });
    }
  })
  .transform((value) => value as Filter)
  .openapi({ type: 'object', additionalProperties: true, description: 'Metadata fields that must equal the value, or one of the values.' });

/** Walks no deeper than it must, so that nesting cannot exhaust the stack. */
function mistakeIn(value: unknown, levels: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return 'expected fewer levels of nesting';
  for (const key of Object.keys(value)) {
    if (FORBIDDEN.has(key)) return `the key ${key} is not allowed`;
    const mistake = mistakeIn((value as Record<string, unknown>)[key], levels - 1);
    if (mistake) return mistake;
  }
  return undefined;
}
