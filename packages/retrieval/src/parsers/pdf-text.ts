import { getDocumentProxy } from 'unpdf';

interface Item {
  readonly str: string;
  readonly hasEOL: boolean;
  /** Position on the page, and the height of the letters. */
  readonly transform: readonly number[];
  readonly height: number;
}

const MOST_PAGES = 5_000;
const PARAGRAPH_GAP = 1.6;

/** The text of a PDF: lines joined to paragraphs, words that were divided at the end of a line joined again, a blank line between pages. */
export async function pdfText(bytes: Uint8Array): Promise<{ text: string; pages: number; title?: string }> {
  // A copy, since pdf.js takes the buffer over.
  const pdf = await getDocumentProxy(Uint8Array.from(bytes), {
    isEvalSupported: false,
    useSystemFonts: false,
    disableFontFace: true,
    verbosity: 0,
  });
  try {
    if (pdf.numPages > MOST_PAGES) throw new Error(`it has ${pdf.numPages} pages, more than ${MOST_PAGES}`);
    const pages: string[] = [];
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      pages.push(paragraphs(items.filter((item): item is typeof item & Item => 'str' in item)));
      page.cleanup();
    }
    const { info } = (await pdf.getMetadata()) as { info: { Title?: unknown } };
    const title = typeof info.Title === 'string' ? info.Title.trim() : '';
    return { text: pages.filter((text) => text !== '').join('\n\n'), pages: pdf.numPages, ...(title && { title }) };
  } finally {
    await pdf.destroy();
  }
}

function paragraphs(items: readonly Item[]): string {
  const done: string[] = [];
  let paragraph = '';
  let line = '';
  let height = 0;
  let last: { y: number; height: number } | undefined;

  for (const { str, hasEOL, transform, height: letters } of items) {
    line += str;
    if (str.trim() !== '') height = Math.max(height, letters || Math.abs(transform[3] ?? 0));
    if (!hasEOL) continue;
    close(transform[5] ?? 0);
  }
  close(0);
  if (paragraph !== '') done.push(paragraph);
  return done.join('\n\n');

  function close(y: number) {
    const text = line.replace(/\s+/g, ' ').trim();
    line = '';
    if (text === '') return;
    const apart =
      last && (last.y - y > PARAGRAPH_GAP * Math.max(last.height, height) || y > last.y + last.height || differs(last.height, height));
    if (apart && paragraph !== '') {
      done.push(paragraph);
      paragraph = '';
    }
    paragraph = joined(paragraph, text);
    last = { y, height };
    height = 0;
  }
}

function differs(a: number, b: number): boolean {
  return Math.max(a, b) > 1.15 * Math.min(a, b);
}

function joined(paragraph: string, line: string): string {
  if (paragraph === '') return line;
  if (/\p{Ll}-$/u.test(paragraph) && /^\p{Ll}/u.test(line)) return paragraph.slice(0, -1) + line;
  return `${paragraph} ${line}`;
}
