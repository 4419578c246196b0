import { ResiftError } from '@resift/core';
import type { LoadedDocument } from '../load.ts';
import { addSanitized, sanitize, sanitizeJson } from '../sanitize.ts';
import { decodeText } from './decode-text.ts';
import type { FileKind } from './file-kind.ts';
import { jsonlRecords, jsonRecords } from './json-records.ts';
import { recordDocuments } from './record-documents.ts';

/** Reads a file of a known kind; the libraries are loaded when first needed. Runs in a worker; throws whatever its parser throws, which the worker turns into `unusable_content`. */
export async function parseFile(name: string, kind: FileKind, bytes: Uint8Array): Promise<LoadedDocument[]> {
  if (bytes.byteLength === 0) throw empty(name, 'it is empty');
  const documents = (await parsed(name, kind, bytes)).map(cleaned).filter(({ text }) => text.trim() !== '');
  if (documents.length === 0) {
    throw empty(name, kind === 'pdf' ? 'it holds no text (if it is a scan, recognise its text first)' : 'it holds no text');
  }
  return documents;
}

async function parsed(name: string, kind: FileKind, bytes: Uint8Array): Promise<LoadedDocument[]> {
  const metadata = { file: name };
  const title = name.replace(/^.*[\\/]/, '').replace(/\.[a-z]+$/i, '');
  switch (kind) {
    case 'pdf': {
      const { pdfText } = await import('./pdf-text.ts');
      const pdf = await pdfText(bytes);
      return [{ id: name, text: pdf.text, title: pdf.title ?? title, metadata: { ...metadata, pages: pdf.pages } }];
    }
    case 'docx': {
      const [{ docxHtml }, { htmlText }] = await Promise.all([import('./docx-html.ts'), import('./html-text.ts')]);
      const page = htmlText(await docxHtml(bytes));
      return [{ id: name, text: page.text, title: page.title ?? title, metadata }];
    }
    case 'html': {
      const { htmlText } = await import('./html-text.ts');
      const page = htmlText(decodeText(bytes, 'html'));
      return [{ id: name, text: page.text, title: page.title ?? title, ...(page.url && { url: page.url }), metadata }];
    }
    case 'csv': {
      const { csvRecords } = await import('./csv-records.ts');
      return recordDocuments(name, csvRecords(decodeText(bytes)));
    }
    case 'json':
      return recordDocuments(name, jsonRecords(decodeText(bytes)));
    case 'jsonl':
      return recordDocuments(name, jsonlRecords(decodeText(bytes)));
    default: {
      const text = decodeText(bytes);
      return [{ id: name, text, title: (kind === 'markdown' && /^#\s+(.+?)\s*#*$/m.exec(text)?.[1]) || title, metadata }];
    }
  }
}

function cleaned(document: LoadedDocument): LoadedDocument {
  const { text: raw, ...rest } = document;
  const text = sanitize(raw);
  const about = sanitizeJson(rest);
  const sanitized = addSanitized(text.sanitized, about.sanitized);
  return { ...about.value, text: text.text, ...(sanitized && { sanitized }) };
}

function empty(name: string, why: string): ResiftError {
  return new ResiftError('unusable_content', `${name} cannot be used: ${why}.`, { details: { file: name, reason: 'no_text' } });
}
