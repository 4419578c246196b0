import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Check, failed, ok, sentence } from './check.ts';

const TIMEOUT_MS = 3_000;

/** Whether a Redis answers PING at `url` with its password. Speaks the protocol itself: three lines need no client. */
export async function redisCheck(url: string, signal: AbortSignal): Promise<Check> {
  const { protocol, hostname, port, username, password } = new URL(url);
  const where = `${hostname}:${port || 6379}`;
  const socket =
    protocol === 'rediss:'
      ? connectTls({ host: hostname, port: Number(port || 6379), servername: hostname })
      : connect({ host: hostname, port: Number(port || 6379) });
  const stop = () => socket.destroy(signal.aborted ? (signal.reason as Error) : new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
  const timer = setTimeout(stop, TIMEOUT_MS);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await once(socket, protocol === 'rediss:' ? 'secureConnect' : 'connect');
    const words = [decodeURIComponent(username), decodeURIComponent(password)].filter((word) => word !== '');
    if (words.length > 0) socket.write(command('AUTH', ...words));
    socket.end(command('PING'));
    let reply = '';
    for await (const piece of socket) reply += String(piece);
    if (reply.includes('+PONG')) return ok('redis', `Redis answers at ${where}`);
    const refusal = /^-(.*)$/m.exec(reply)?.[1]?.trim() ?? 'the answer is not that of a Redis';
    return failed('redis', `${where}: ${refusal}`, 'Correct the user and password in REDIS_URL: redis://user:password@host:port');
  } catch (error) {
    signal.throwIfAborted();
    return failed(
      'redis',
      `no Redis at ${where}: ${sentence(error)}`,
      'Start it, correct REDIS_URL, or unset it: resift works without Redis.',
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

const command = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
