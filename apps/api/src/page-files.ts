import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** One file of the page, ready to be sent. */
export interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  /** By content coding; only where that is smaller. */
  readonly coded: Readonly<Partial<Record<'br' | 'gzip', Uint8Array<ArrayBuffer>>>>;
}

/** By path, `/index.html` among them. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Beside this file in the package; in this repository, where @resift/web was built. */
const FOLDERS = [new URL('./web/', import.meta.url), new URL('../../web/dist/', import.meta.url)];

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Reads the built page into memory, a few hundred kilobytes: what is not in this map cannot be asked for. Empty where it is not built. */
export function readPageFiles(folders: readonly URL[] = FOLDERS): PageFiles {
  const root = folders.map((url) => fileURLToPath(url)).find((folder) => existsSync(join(folder, 'index.html')));
  if (root === undefined) return new Map();
  return new Map(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && extname(entry.name) in TYPES)
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [`/${relative(root, path).split(sep).join('/')}`, pageFile(readFileSync(path), extname(path))]),
  );
}

function pageFile(content: Buffer, extension: string): PageFile {
  const plain = new Uint8Array(content);
  const br = new Uint8Array(brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  const gzip = new Uint8Array(gzipSync(content, { level: 9 }));
  return {
    type: TYPES[extension]!,
    etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
    plain,
    coded: { ...(br.length < plain.length && { br }), ...(gzip.length < plain.length && { gzip }) },
  };
}
