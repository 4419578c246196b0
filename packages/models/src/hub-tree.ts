import { ResiftError } from '@resift/core';
import { z } from 'zod';
import { type HubAccess, hubRequest } from './internal/hub-request.ts';

/** A file of a model on a hub. */
export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  /** Of a large file (git LFS). */
  readonly sha256?: string | undefined;
  /** Of any other: git's own checksum, a SHA-1 over its length and content. */
  readonly gitSha1?: string | undefined;
}

const hex = (length: number) => z.string().regex(new RegExp(`^[0-9a-f]{${length}}$`));
const entries = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.int().min(0),
    oid: hex(40).optional(),
    lfs: z.object({ oid: hex(64), size: z.int().min(0) }).nullish(),
  }),
);
const MOST_PAGES = 50;

/** `owner/name`, as hubs write models. Throws `invalid_input` for anything else. */
export function checkModelName(model: string): void {
  if (/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(model) && !model.includes('..')) return;
  throw new ResiftError('invalid_input', `Expected the name of a model as owner/name, got ${JSON.stringify(model.slice(0, 100))}.`);
}

/** Throws `invalid_config` for a revision that may move: only a commit always names the same files. */
export function checkRevision(revision: string): void {
  if (/^[0-9a-f]{40}$/.test(revision)) return;
  throw new ResiftError(
    'invalid_config',
    `Expected \`revision\` to be a commit, 40 hex digits, got ${JSON.stringify(revision.slice(0, 100))}. \`resift models pull owner/name\` prints the newest one.`,
  );
}

/** The files of a model at one commit, with their sizes and checksums. */
export async function hubTree(access: HubAccess, model: string, revision: string, signal?: AbortSignal): Promise<HubFile[]> {
  const found: HubFile[] = [];
  let path: string | undefined = `/api/models/${model}/tree/${revision}?recursive=true`;
  for (let page = 0; path !== undefined && page < MOST_PAGES; page += 1) {
    const response: Response = await hubRequest(access, path, { accept: 'application/json' }, signal);
    const read = entries.safeParse(await response.json().catch(() => undefined));
    if (!read.success) throw badReply('files', read.error);
    for (const { type, path: name, size, oid, lfs } of read.data) {
      if (type !== 'file') continue;
      found.push(lfs ? { path: name, bytes: lfs.size, sha256: lfs.oid } : { path: name, bytes: size, gitSha1: oid });
    }
    path = nextPage(response, access.endpoint);
  }
  return found;
}

/** The commit that a branch or tag stands at now. */
export async function hubCommit(access: HubAccess, model: string, branch: string, signal?: AbortSignal): Promise<string> {
  const response = await hubRequest(
    access,
    `/api/models/${model}/revision/${encodeURIComponent(branch)}`,
    { accept: 'application/json' },
    signal,
  );
  const read = z.object({ sha: hex(40) }).safeParse(await response.json().catch(() => undefined));
  if (!read.success) throw badReply('commit', read.error);
  return read.data.sha;
}

function nextPage(response: Response, endpoint: string): string | undefined {
  const next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  if (!next || !URL.canParse(next, endpoint)) return undefined;
  const { pathname, search } = new URL(next, endpoint);
  return `${pathname}${search}`;
}

const badReply = (what: string, cause: unknown) =>
  new ResiftError(
    'bad_output',
    `The hub's answer does not have the expected form (${what} of a model). Is \`endpoint\` a Hugging Face hub?`,
    { cause },
  );
