import { type Attributes, context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { isResiftError } from '@resift/core';

/**
 * Runs one stage in an OpenTelemetry span, the parent of whatever it opens itself. Without an SDK in the process this does nothing. Attributes are
 * counts, ids of models and states: never words of a question, a document or an answer, and of an error its code alone.
 */
export async function spanned<T>(name: string, given: Attributes, work: () => Promise<T>, told: (result: T) => Attributes): Promise<T> {
  const span = begin(name, given);
  try {
    const result = await context.with(trace.setSpan(context.active(), span), work);
    span.setAttributes(told(result));
    return result;
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** The same around steps: the span lasts until they end, fail or are left. */
export async function* spannedSteps<T, R>(
  name: string,
  given: Attributes,
  steps: AsyncGenerator<T, R>,
  told: (result: R) => Attributes,
): AsyncGenerator<T, R> {
  const span = begin(name, given);
  try {
    const result = yield* steps;
    span.setAttributes(told(result));
    return result;
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

const begin = (name: string, attributes: Attributes) => trace.getTracer('@resift/rag').startSpan(name, { attributes });

function fail(span: Span, error: unknown): void {
  const code = isResiftError(error) ? error.code : error instanceof Error ? error.name : 'unknown';
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
}
