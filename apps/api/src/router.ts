import { OpenAPIHono } from '@hono/zod-openapi';
import { ResiftError } from '@resift/core';
import type { z } from 'zod';
import type { AppEnv } from './app-env.ts';

/** A router whose failed validation is a 400 that names the field's path and what was expected. */
export const createRouter = (): OpenAPIHono<AppEnv> =>
  new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) throw shapeError(result.error);
    },
  });

const MOST_ISSUES = 10;

/** One `invalid_input` for everything that a schema found, the first issue in front. */
export function shapeError(error: z.ZodError, prefix = ''): ResiftError {
  const issues = error.issues.slice(0, MOST_ISSUES).flatMap((issue) => issuesOf(issue, prefix));
  const [first] = issues;
  return new ResiftError(
    'invalid_input',
    first ? `${first.field === '' ? 'The body' : first.field}: ${first.message}.` : 'The request has the wrong shape.',
    {
      details: { ...(first && { field: first.field }), ...(issues.length > 1 && { issues }) },
    },
  );
}

function issuesOf(issue: z.core.$ZodIssue, prefix: string): { field: string; message: string }[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: pathOf([...issue.path, key], prefix), message: 'This field is not known here' }));
  }
  return [{ field: pathOf(issue.path, prefix), message: issue.message }];
}

/** `documents[0].text`, as a person would write it. */
function pathOf(path: readonly PropertyKey[], prefix: string): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, prefix);
}
