import { ResiftError } from '@resift/core';
import type { Context, MiddlewareHandler } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { bodyPace } from '../body-pace.ts';
import { DoorError } from '../errors.ts';

/** Reads a JSON body of at most `limit` bytes, and leaves it where the validators look. */
export function jsonBody(limit: number): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (c.req.method !== 'POST') return next();
    if (mediaType(c) !== 'application/json') {
      throw new DoorError(415, 'unsupported_media_type', 'Expected `Content-Type: application/json`.');
    }
    const value = parseJson(await readText(c, limit));
    c.req.bodyCache.json = Promise.resolve(value) as never;
    return next();
  };
}

export const mediaType = (c: Context): string => (c.req.header('content-type') ?? '').split(';')[0]!.trim().toLowerCase();

/** The body as bytes. Throws `input_too_long` as soon as more than `limit` have come; a Content-Length above it is not read at all. */
export async function readBytes(c: Context<AppEnv>, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const encoding = c.req.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw new DoorError(
      415,
      'unsupported_media_type',
      `Expected a body without Content-Encoding, got ${encoding.slice(0, 40)}. Send it uncompressed.`,
    );
  }
  const tooLarge = () =>
    new ResiftError('input_too_long', `Expected a body of at most ${limit} bytes. Send less at once.`, { details: { limitBytes: limit } });
  if (Number(c.req.header('content-length') ?? 0) > limit) throw tooLarge();
  const body = c.req.raw.body;
  if (!body) return new Uint8Array();

  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  const pace = bodyPace(() => length);
  try {
    for (;;) {
      c.var.work.signal.throwIfAborted();
      const { done, value } = await Promise.race([reader.read(), pace.tooSlow]);
      if (done) break;
      length += value.byteLength;
      if (length > limit) throw tooLarge();
      chunks.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error;
  } finally {
    pace.stop();
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

export async function readText(c: Context<AppEnv>, limit: number): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readBytes(c, limit));
  } catch (error) {
    if (error instanceof TypeError) throw new ResiftError('invalid_input', 'Expected the body to be UTF-8 text, got bytes that are not.');
    throw error;
  }
}

export function parseJson(text: string, where = 'the body'): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own sentence quotes the text around the mistake, which may be a document's; only its position is passed on.
    const position = /position (\d+)/.exec(String(error))?.[1];
    throw new ResiftError(
      'invalid_input',
      `Expected ${where} to be JSON, got malformed JSON${position ? ` (character ${position})` : ''}.`,
    );
  }
}
