import type { Failure } from './errors.ts';

/** The error body of each family of endpoints, so that the clients people already have understand it. */
export function errorBody(path: string, failure: Failure, requestId: string): Record<string, unknown> {
  return (FAMILIES.get(path.replace(/^(\/v1\/models)\/.*/, '$1')) ?? ours)(failure, requestId);
}

type Shape = (failure: Failure, requestId: string) => Record<string, unknown>;

const ours: Shape = ({ code, message, field, details }, requestId) => ({
  error: { code, message, ...(field !== undefined && { field }), ...(details && { details }), request_id: requestId },
});

const cohere: Shape = (failure, requestId) => ({ id: requestId, message: withField(failure) });

/** Cohere v1 reads `message`, Jina's clients read `detail`. */
const cohereOrJina: Shape = (failure, requestId) => ({ id: requestId, message: withField(failure), detail: withField(failure) });

const tei: Shape = (failure) => ({ error: withField(failure), error_type: teiType(failure) });

const openai: Shape = ({ status, code, message, field }) => ({
  error: { message, type: status >= 500 ? 'server_error' : openaiType(status), param: field ?? null, code },
});

const FAMILIES: ReadonlyMap<string, Shape> = new Map([
  ['/v2/rerank', cohere],
  ['/v1/rerank', cohereOrJina],
  ['/rerank', tei],
  ['/v1/chat/completions', openai],
  ['/v1/models', openai],
]);

const withField = ({ field, message }: Failure) =>
  field === undefined || message.startsWith(`${field}:`) ? message : `${field}: ${message}`;

function teiType({ status, code }: Failure): string {
  if (status === 429) return 'Overloaded';
  if (status === 503) return 'Unhealthy';
  if (status >= 500) return 'Backend';
  return code === 'empty' ? 'Empty' : 'Validation';
}

function openaiType(status: number): string {
  if (status === 401) return 'authentication_error';
  return status === 429 ? 'rate_limit_error' : 'invalid_request_error';
}
