import { z } from '@hono/zod-openapi';

const OurError = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      field: z.string().optional(),
      details: z.record(z.string(), z.unknown()).optional(),
      request_id: z.string(),
    }),
  })
  .openapi('Error');

const SENTENCES = {
  400: 'Malformed JSON or the wrong shape; `field` names the path.',
  401: 'No valid key.',
  404: 'Unknown id, collection or model.',
  409: 'Somebody else holds what this call needs.',
  413: 'Too large.',
  415: 'Wrong content type.',
  422: 'Well-formed, but nothing can be made of it.',
  429: 'Too much at once; `Retry-After` says when to come back.',
  502: 'A model gave an answer that cannot be used.',
  503: 'Not available now; `Retry-After` says when to come back.',
  504: 'The deadline passed.',
} as const;

type ErrorStatus = keyof typeof SENTENCES;
type ErrorResponse = { description: string; content: { 'application/json': { schema: z.ZodType } } };

/** The error answers of a route, for its description. Errors themselves are thrown and shaped in one place (`app.ts`). */
export function errorResponses(statuses: readonly ErrorStatus[], schema: z.ZodType = OurError): Record<ErrorStatus, ErrorResponse> {
  return Object.fromEntries(
    statuses.map((status) => [status, { description: SENTENCES[status], content: { 'application/json': { schema } } }]),
  ) as Record<ErrorStatus, ErrorResponse>;
}
