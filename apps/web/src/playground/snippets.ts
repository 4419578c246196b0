/** What the playground ranked, as code. */
export interface Ranked {
  readonly model: string;
  readonly query: string;
  readonly passages: readonly string[];
}

export const SNIPPETS = ['curl', 'TypeScript', 'LangChain'] as const;
export type SnippetName = (typeof SNIPPETS)[number];

const SIZES: Readonly<Record<string, string>> = { 'resift-mini': 'mini', 'resift-tiny': 'tiny', 'resift-cascade': 'cascade' };

/** Code that gives the same ranking. Texts are quoted, so that whatever they hold stays text. */
export function snippet(name: SnippetName, { model, query, passages }: Ranked, origin: string): string {
  const body = { model, query, documents: passages };
  if (name === 'curl') {
    return `curl -s ${origin}/v2/rerank -H 'content-type: application/json' -d ${inShell(JSON.stringify(body, null, 2))}`;
  }
  const documents = passages.map((text) => `  ${JSON.stringify(text)},`).join('\n');
  const open = `const reranker = await localReranker(${options(model)});`;
  if (name === 'TypeScript') {
    return `import { localReranker } from 'resift';

${open}
const { items } = await reranker.rerank(${JSON.stringify(query)}, [
${documents}
].map((text, index) => ({ id: String(index), text })));
console.log(items.map(({ document, score, label }) => ({ score, label, text: document.text })));`;
  }
  return `import { Document } from '@langchain/core/documents';
import { ResiftCompressor } from '@resift/reranker/langchain';
import { localReranker } from 'resift';

${open}
const compressor = new ResiftCompressor({ reranker });
const ranked = await compressor.compressDocuments([
${documents}
].map((pageContent) => new Document({ pageContent })), ${JSON.stringify(query)});
console.log(ranked);`;
}

function options(model: string): string {
  const size = SIZES[model];
  return size === undefined ? '' : `{ size: '${size}' }`;
}

/** In single quotes, where a shell reads nothing. */
const inShell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
