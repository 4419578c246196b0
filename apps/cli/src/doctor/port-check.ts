import { createServer } from 'node:net';
import { type Check, failed, ok, sentence } from './check.ts';

/** Whether `resift serve` could listen here, or does already. */
export async function portCheck(host: string, port: number, signal: AbortSignal): Promise<Check> {
  const where = `${host}:${port}`;
  const error = await tryToListen(host.replace(/^\[|\]$/g, ''), port);
  if (!error) return ok('port', `${where} is free`);
  if (error.code === 'EADDRINUSE') {
    if (await isResift(`http://${where}`, signal)) return ok('port', `a resift server answers at http://${where}`);
    return failed('port', `${where} is taken by another program`, 'Stop it, or set PORT (or `resift serve --port`) to another one.');
  }
  return failed(
    'port',
    `cannot listen on ${where}: ${sentence(error)}`,
    'Set HOST and PORT to an address of this machine; ports below 1024 need rights.',
  );
}

function tryToListen(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}

async function isResift(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(new URL('/openapi.json', url), { signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]) });
    return response.ok && (await response.text()).includes('resift');
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
