import { untilAborted } from '@resift/core';
import type { Context } from 'hono';
import type { AppEnv } from './app-env.ts';
import type { Limits } from './limits.ts';

/** One server-sent event. `data` may hold line breaks; `event` may not. */
export interface Frame {
  readonly event?: string;
  readonly data: string;
}

interface SseOptions {
  readonly limits: Pick<Limits, 'streamMs' | 'stallMs'>;
  /** The last frames of a stream that failed. */
  readonly onError: (error: unknown) => readonly Frame[];
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Streams frames as they are pulled: a client that does not read stops the work, and after `stallMs` is dropped. A client that
 * leaves aborts the request's signal. Every end is accounted for: the frames ran out, or `onError` had the last word.
 */
export function sse(c: Context<AppEnv>, frames: AsyncIterator<Frame>, { limits, onError, headers = {} }: SseOptions): Response {
  const { work, metrics } = c.var;
  const release = work.hold();
  work.deadline(limits.streamMs);
  let stall: NodeJS.Timeout | undefined;
  let last: Frame[] | undefined;

  const finish = () => {
    clearTimeout(stall);
    release();
  };
  const drop = (cause: 'client' | 'stall') => {
    metrics.sseAborted.inc({ cause });
    work.abort(new DOMException('The client left the stream.', 'AbortError'));
    frames.return?.().catch(() => {});
    finish();
  };
  const next = async (): Promise<Frame | undefined> => {
    if (last) return last.shift();
    try {
      const step = await untilAborted(frames.next(), work.signal);
      return step.done ? undefined : step.value;
    } catch (error) {
      frames.return?.().catch(() => {});
      last = [...onError(error)];
      return last.shift();
    }
  };

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(stall);
        const frame = await next();
        if (!frame) {
          finish();
          controller.close();
          return;
        }
        controller.enqueue(encoder.encode(text(frame)));
        if ((controller.desiredSize ?? 1) > 0) return;
        stall = setTimeout(() => {
          drop('stall');
          // The socket waits for a drain that will not come, so an error in the stream alone would never be seen.
          c.env?.outgoing?.destroy();
        }, limits.stallMs);
        stall.unref();
      },
      cancel: () => drop('client'),
    },
    { highWaterMark: 8 },
  );
  return c.body(body, 200, { ...SSE_HEADERS, ...headers });
}

const encoder = new TextEncoder();

const SSE_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};

function text({ event, data }: Frame): string {
  const name = event === undefined ? '' : `event: ${event.replace(/[\r\n]/g, ' ')}\n`;
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `${name}${lines.join('')}\n`;
}
