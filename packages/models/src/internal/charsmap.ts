import { ResiftError } from '@resift/core';
import { type Aligned, alignedFrom } from './aligned.ts';
import { walkGraphemes } from './graphemes.ts';

/** Longer grapheme clusters are looked up character by character, in UTF-8 bytes. */
const LONGEST_CLUSTER = 5;

/**
 * The normalisation that a SentencePiece model carries (`precompiled_charsmap`): a double-array trie over UTF-8 (Yata et al. 2007)
 * and the texts that its values point to. A cluster is replaced by what its shortest known beginning stands for, as in Hugging Face's.
 */
export function createCharsmap(base64: string): (text: Aligned) => Aligned {
  const { find } = openTrie(Buffer.from(base64, 'base64'));
  const known = new Map<string, string | undefined>();
  const lookUp = (part: string): string | undefined => {
    if (known.has(part)) return known.get(part);
    const found = find(Buffer.from(part));
    if (known.size < 50_000) known.set(part, found);
    return found;
  };
  let plainChanges = false;
  for (let point = 0x20; point < 0x7f; point += 1) plainChanges ||= lookUp(String.fromCharCode(point)) !== undefined;

  return (source) => {
    const { text } = source;
    const out = alignedFrom(source);
    const character = (from: number, to: number) => {
      const other = lookUp(text.slice(from, to));
      if (other === undefined) out.keep(from, to);
      else out.put(other, from, to);
    };
    walkGraphemes(
      text,
      (from, to) => {
        if (plainChanges) for (let i = from; i < to; i += 1) character(i, i + 1);
        else out.keep(from, to);
      },
      (from, to) => {
        const cluster = text.slice(from, to);
        const whole = Buffer.byteLength(cluster) <= LONGEST_CLUSTER ? lookUp(cluster) : undefined;
        if (whole !== undefined) return out.put(whole, from, to);
        for (const each of cluster) {
          character(from, from + each.length);
          from += each.length;
        }
      },
    );
    return out.done();
  };
}

function openTrie(bytes: Buffer): { find(key: Buffer): string | undefined } {
  const size = bytes.length >= 4 ? bytes.readUInt32LE(0) : 0;
  if (size < 4 || size % 4 !== 0 || size + 4 > bytes.length) {
    throw new ResiftError('corrupt', 'The precompiled_charsmap of tokenizer.json is damaged: download the file again.');
  }
  const units = new Uint32Array(size / 4);
  for (let i = 0; i < units.length; i += 1) units[i] = bytes.readUInt32LE(4 + 4 * i);
  const texts = bytes.subarray(4 + size);
  const offsetOf = (unit: number) => (unit >>> 10) << ((unit & 0x200) >>> 6);

  return {
    find(key) {
      let at = offsetOf(units[0]!);
      for (const byte of key) {
        if (byte === 0) return undefined;
        at ^= byte;
        const unit = units[at] ?? 0;
        if ((unit & 0x800000ff) >>> 0 !== byte) return undefined;
        at ^= offsetOf(unit);
        if (((unit >>> 8) & 1) === 1) {
          const start = (units[at] ?? 0) & 0x7fffffff;
          const end = texts.indexOf(0, start);
          return texts.toString('utf8', start, end < 0 ? texts.length : end);
        }
      }
      return undefined;
    },
  };
}
