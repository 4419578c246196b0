import { createHash } from 'node:crypto';
import { onGrid, ResiftError, type TextEncoding } from '@resift/core';

const FORMAT = 1;
/** Format, flags, tokens (2 bytes), their dimensions (2), the sentence's (2), and 16 bytes that name the text. */
const HEADER = 24;
const TRUNCATED = 1;

/** What names a text: nothing that was made of one text is ever used for another. */
export function textKey(text: string): string {
  return createHash('sha256')
    .update(text, 'utf16le')
    .digest('hex')
    .slice(0, 2 * 16);
}

/**
 * An encoding as bytes, with the text it was made of: header, sentence vector and scales (float32, little end first), int8 numbers. About 20 KB for 100 tokens of 192
 * dimensions. What comes out again is the same to the last bit.
 */
export function packEncoding(text: string, { sentence, tokens, truncated }: TextEncoding): Uint8Array {
  const { count, dimensions, data, scales } = onGrid(tokens);
  const floats = HEADER + 4 * (sentence.length + count);
  const bytes = new Uint8Array(floats + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, FORMAT);
  view.setUint8(1, truncated ? TRUNCATED : 0);
  for (const [i, value] of [count, dimensions, sentence.length].entries()) view.setUint16(2 + 2 * i, value, true);
  bytes.set(Buffer.from(textKey(text), 'hex'), HEADER - 16);
  new Float32Array(bytes.buffer, HEADER, sentence.length).set(sentence);
  new Float32Array(bytes.buffer, HEADER + 4 * sentence.length, count).set(scales);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.length), floats);
  return bytes;
}

/** The encoding of the text named `key`; undefined where the bytes are another text's. `corrupt` where they are not what `packEncoding` writes. */
export function unpackEncoding(packed: Uint8Array, key: string): TextEncoding | undefined {
  const unpacked = unpack(packed);
  return unpacked.key === key ? unpacked.encoding : undefined;
}

/** The token vectors, of whatever text. */
export function unpackTokens(packed: Uint8Array): TextEncoding['tokens'] {
  return unpack(packed).encoding.tokens;
}

function unpack(packed: Uint8Array): { key: string; encoding: TextEncoding } {
  // Of its own, so that it keeps nothing else in memory and numbers of four bytes stand where they may.
  const bytes = packed.slice();
  const view = new DataView(bytes.buffer);
  const [count, dimensions, width] = [2, 4, 6].map((place) => (bytes.length < HEADER ? 0 : view.getUint16(place, true))) as [
    number,
    number,
    number,
  ];
  const floats = HEADER + 4 * (width + count);
  if (bytes[0] !== FORMAT || bytes.length !== floats + count * dimensions) {
    throw new ResiftError(
      'corrupt',
      `Expected the token vectors of a passage, got ${bytes.length} bytes of another form. Run \`resift reindex\`.`,
    );
  }
  return {
    key: Buffer.from(bytes.buffer, HEADER - 16, 16).toString('hex'),
    encoding: {
      sentence: new Float32Array(bytes.buffer, HEADER, width),
      tokens: {
        count,
        dimensions,
        data: new Int8Array(bytes.buffer, floats),
        scales: new Float32Array(bytes.buffer, HEADER + 4 * width, count),
      },
      truncated: (bytes[1]! & TRUNCATED) !== 0,
    },
  };
}
