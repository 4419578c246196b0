/**
 * The text of a file: by its byte order mark, else by the encoding an HTML page declares, else UTF-8 if it is valid UTF-8, else Windows-1252,
 * which gives every byte a character. The byte order mark is no part of the text.
 */
export function decodeText(bytes: Uint8Array, kind?: 'html'): string {
  const marked = byteOrder(bytes);
  if (marked) return new TextDecoder(marked).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const encoding = (kind === 'html' && declared(bytes)) || 'windows-1252';
    return encoding === 'windows-1252' ? westernText(bytes) : new TextDecoder(encoding).decode(bytes);
  }
}

const WESTERN = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Node 20 decodes Windows-1252 as Latin-1, so the 32 characters in which they differ are put in here. */
function westernText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (character) => WESTERN[character.charCodeAt(0) - 0x80]!);
}

function byteOrder([a, b, c]: Uint8Array): string | undefined {
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return a === 0xfe && b === 0xff ? 'utf-16be' : undefined;
}

function declared(bytes: Uint8Array): string | undefined {
  const beginning = new TextDecoder('latin1').decode(bytes.subarray(0, 2_048));
  const label = /<meta[^>]{0,200}charset\s{0,9}=\s{0,9}["']?([\w-]{1,40})/i.exec(beginning)?.[1];
  try {
    return label && new TextDecoder(label).encoding;
  } catch {
    return undefined; // an encoding nobody knows
  }
}
