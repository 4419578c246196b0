import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;
type Schema = Readonly<Record<string, unknown>>;

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: Schema;
    readonly description?: string;
  }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses?: Readonly<
    Record<string, { readonly description?: string; readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >;
}

/** The parts of an OpenAPI document that the page shows. */
interface Spec {
  readonly info: { readonly title: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, unknown>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

const METHODS = ['get', 'post', 'put', 'delete'] as const;

/** The API on one page: plain HTML without a script, everything from the OpenAPI document. */
export function docsPage(spec: Spec): Html {
  const operations = Object.entries(spec.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = (item as Record<string, Operation | undefined>)[method];
      return operation ? [{ path, method, operation, anchor: `${method}${path.replace(/\W+/g, '-')}` }] : [];
    }),
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${spec.info.title} API</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<header><h1>${spec.info.title} API</h1><p>${spec.info.description ?? ''} The same for machines: <a href="/openapi.json">/openapi.json</a>.</p></header>
<nav><ul>${operations.map(({ path, method, operation, anchor }) => html`<li><a href="#${anchor}"><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code></a> ${operation.summary ?? ''}</li>`)}</ul></nav>
<main>
${operations.map(
  ({ path, method, operation, anchor }) => html`<section id="${anchor}">
<h2><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code></h2>
<p>${operation.summary ?? ''}${operation.description ? html`. ${operation.description}` : ''}</p>
${parameters(operation)}
${Object.entries(operation.requestBody?.content ?? {}).map(([type, { schema }]) => body(`Body, ${type}`, schema))}
<h3>Answers</h3>
<table>${Object.entries(operation.responses ?? {}).map(([status, { description }]) => html`<tr><td><code>${status}</code></td><td>${description ?? ''}</td></tr>`)}</table>
${Object.entries(operation.responses ?? {})
  .filter(([status]) => status.startsWith('2'))
  .flatMap(([status, { content }]) => Object.entries(content ?? {}).map(([type, { schema }]) => body(`${status}, ${type}`, schema)))}
</section>`,
)}
<h2>Schemas</h2>
${Object.entries(spec.components?.schemas ?? {}).map(([name, schema]) => html`<section id="schema-${name}">${body(name, schema as Schema)}</section>`)}
</main>
</body>
</html>`;
}

function parameters({ parameters = [] }: Operation): Html {
  if (parameters.length === 0) return html``;
  return html`<h3>Parameters</h3><table>${parameters.map(
    ({ name, in: place, required, schema, description }) =>
      html`<tr><td><code>${name}</code></td><td>${place}${required ? ', required' : ''}</td><td><code>${JSON.stringify(schema ?? {})}</code></td><td>${description ?? ''}</td></tr>`,
  )}</table>`;
}

function body(title: string, schema: Schema | undefined): Html {
  if (!schema) return html``;
  return html`<details><summary>${title}</summary><pre>${linked(schema)}</pre></details>`;
}

/** A `$ref` becomes a link to the schema. Everything is escaped first; the link is put in afterwards. */
function linked(schema: Schema): HtmlEscapedString {
  const escaped = JSON.stringify(schema, null, 2).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return raw(escaped.replace(/"#\/components\/schemas\/(\w+)"/g, '"<a href="#schema-$1">$1</a>"')) as HtmlEscapedString;
}

export const docsStyle = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { max-width: 64rem; margin: 0 auto; padding: 1rem; }
nav ul { list-style: none; padding: 0; }
section { border-top: 1px solid #8884; padding: 0.5rem 0; }
h2 { font-size: 1.1rem; }
h3 { font-size: 1rem; margin: 0.75rem 0 0.25rem; }
b { display: inline-block; min-width: 4rem; }
b.get { color: #0a7; } b.post { color: #27c; } b.delete { color: #c33; }
table { border-collapse: collapse; } td { padding: 0.15rem 0.75rem 0.15rem 0; vertical-align: top; }
pre { overflow-x: auto; padding: 0.75rem; background: #8881; }
`;
