import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  readonly host: 'hub' | 'store';
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** How the store of large files behaves; each is taken once, in order, then it behaves well. */
export type Fault =
  | { readonly cutAfter: number }
  | { readonly flipAt: number }
  | { readonly status: number }
  | 'no-ranges'
  | 'stall'
  | 'endless-redirect'
  | 'longer';

export interface HubServer {
  readonly endpoint: string;
  readonly seen: Seen[];
  readonly faults: Fault[];
  /** Requests without this bearer token are refused. */
  token: string | undefined;
  close(): Promise<void>;
}

export const REVISION: string = 'a'.repeat(40);

/** A hub on the loopback: small files from the hub itself, large ones (`.onnx`) by a redirect to another origin, as Hugging Face does. */
export async function startHub(model: string, files: Readonly<Record<string, Buffer>>): Promise<HubServer> {
  const seen: Seen[] = [];
  const faults: Fault[] = [];
  const note = (host: Seen['host'], request: IncomingMessage) =>
    seen.push({ host, path: request.url!, range: request.headers.range, authorization: request.headers.authorization });

  const store = await listening((request, response) => {
    note('store', request);
    const fault = faults.shift();
    const content = files[decodeURIComponent(request.url!.slice(1))]!;
    if (typeof fault === 'object' && 'status' in fault) return void response.writeHead(fault.status, { 'retry-after': '7' }).end();
    if (fault === 'endless-redirect') {
      faults.unshift(fault);
      return void response.writeHead(302, { location: request.url }).end();
    }
    send(request, response, content, fault);
  });
  const hub = await listening((request, response) => {
    note('hub', request);
    if (server.token !== undefined && request.headers.authorization !== `Bearer ${server.token}`) return void response.writeHead(401).end();
    const path = decodeURIComponent(request.url!.split('?')[0]!);
    if (path === `/api/models/${model}/revision/main`) return void json(response, { sha: REVISION });
    if (path === `/api/models/${model}/tree/${REVISION}`) {
      // Two pages, as for a large model.
      const all = [{ type: 'directory', path: 'onnx', size: 0 }, ...Object.entries(files).map(entry)];
      if (request.url!.includes('cursor=2')) return void json(response, all.slice(2));
      return void json(response, all.slice(0, 2), { link: `<${server.endpoint}${request.url}&cursor=2>; rel="next"` });
    }
    const name = path.startsWith(`/${model}/resolve/${REVISION}/`) ? path.slice(`/${model}/resolve/${REVISION}/`.length) : undefined;
    if (name === undefined || !files[name]) return void response.writeHead(404).end();
    if (name.endsWith('.onnx')) return void response.writeHead(302, { location: `${addressOf(store)}/${encodeURIComponent(name)}` }).end();
    send(request, response, files[name]!, undefined);
  });
  const server: HubServer = {
    endpoint: addressOf(hub),
    seen,
    faults,
    token: undefined,
    async close() {
      for (const each of [hub, store]) {
        each.closeAllConnections();
        await new Promise((resolve) => each.close(resolve));
      }
    },
  };
  return server;
}

function entry([path, content]: [string, Buffer]) {
  const oid = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  if (!path.endsWith('.onnx')) return { type: 'file', path, size: content.length, oid };
  return {
    type: 'file',
    path,
    size: content.length,
    oid,
    lfs: { oid: createHash('sha256').update(content).digest('hex'), size: content.length, pointerSize: 130 },
  };
}

function send(request: IncomingMessage, response: ServerResponse, content: Buffer, fault: Fault | undefined) {
  const start = fault === 'no-ranges' ? 0 : Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start >= content.length && start > 0) return void response.writeHead(416).end();
  const body = Buffer.from(content.subarray(start));
  if (typeof fault === 'object' && 'flipAt' in fault && fault.flipAt >= start) body[fault.flipAt - start]! ^= 1;
  const head = start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {};
  if (fault === 'longer') return void response.writeHead(200).end(Buffer.concat([body, Buffer.from('more')]));
  response.writeHead(start > 0 ? 206 : 200, { ...head, 'content-length': body.length });
  if (fault === 'stall') return void response.write(body.subarray(0, 10));
  if (typeof fault === 'object' && 'cutAfter' in fault)
    return void response.write(body.subarray(0, fault.cutAfter), () => response.destroy());
  response.end(body);
}

function json(response: ServerResponse, value: unknown, headers: Record<string, string> = {}) {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

async function listening(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
