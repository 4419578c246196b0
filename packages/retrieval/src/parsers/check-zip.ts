import { inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const MOST_ENTRIES = 10_000;
const MOST_BYTES = 200 * 1024 * 1024;

/**
 * Inflates every entry of a ZIP archive once, with a limit on what comes out, before a library that has none may touch it.
 * The sizes that an archive declares are not believed. Throws where it is damaged or too large.
 */
export function checkZip(zip: Buffer): void {
  const end = endOfDirectory(zip);
  const count = zip.readUInt16LE(end + 10);
  if (count > MOST_ENTRIES) throw new Error(`the archive has ${count} entries, more than ${MOST_ENTRIES}`);
  let at = zip.readUInt32LE(end + 16);
  let room = MOST_BYTES;
  for (let i = 0; i < count; i++) {
    if (zip.readUInt32LE(at) !== ENTRY) throw new Error('the directory of the archive is damaged');
    room -= inflated(zip, at, room);
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}

function inflated(zip: Buffer, entry: number, room: number): number {
  const method = zip.readUInt16LE(entry + 10);
  const size = zip.readUInt32LE(entry + 20);
  const local = zip.readUInt32LE(entry + 42);
  if (zip.readUInt32LE(local) !== LOCAL) throw new Error('an entry of the archive is damaged');
  const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const data = zip.subarray(from, from + size);
  if (data.length !== size) throw new Error('the archive is cut off');
  const bytes = method === 0 ? size : method === 8 ? inflateRawSync(data, { maxOutputLength: Math.max(1, room) }).length : Number.NaN;
  if (Number.isNaN(bytes)) throw new Error(`the archive uses compression method ${method}, which is not known`);
  if (bytes > room) throw new Error(`the archive unpacks to more than ${MOST_BYTES} bytes`);
  return bytes;
}

function endOfDirectory(zip: Buffer): number {
  for (let at = zip.length - 22; at >= Math.max(0, zip.length - 65_557); at--) {
    if (zip.readUInt32LE(at) === END) return at;
  }
  throw new Error('it is not a ZIP archive, or is cut off');
}
