import mammoth from 'mammoth';
import { checkZip } from './check-zip.ts';

/** The HTML of a Word document: headings, lists and tables as such, no images. */
export async function docxHtml(bytes: Uint8Array): Promise<string> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkZip(buffer);
  const { value } = await mammoth.convertToHtml({ buffer }, { convertImage: mammoth.images.imgElement(async () => ({ src: '' })) });
  return value;
}
