import { type CheerioAPI, load } from 'cheerio';
import { createPage } from './page-lines.ts';

type Node = ReturnType<CheerioAPI>[number];

const DROPPED =
  'script,style,noscript,template,svg,math,iframe,object,embed,canvas,audio,video,button,select,input,textarea,dialog:not([open]),[hidden],[aria-hidden="true"]';
const AROUND = 'nav,aside,footer,[role="navigation"],[role="banner"],[role="contentinfo"],[role="search"]';
const UNSEEN =
  /display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0*)?\s*(?:;|!|$)|font-size\s*:\s*0|clip\s*:\s*rect\(\s*0|text-indent\s*:\s*-\d{3}/i;
/**
 * What a reader sees of a page: the main text (`main` or `article` where there is one, else the body without navigation), headings marked
 * with `#`, list items with `-`, table cells separated by `|`. Scripts and hidden elements are dropped.
 */
export function htmlText(html: string): { text: string; title?: string; url?: string } {
  const $ = load(html);
  const url = $('link[rel="canonical"]').attr('href');
  const named = oneLine($('title').first().text()) || oneLine($('meta[property="og:title"]').attr('content') ?? '');
  const hiding = $('style').text();
  $(DROPPED).remove();
  $('[style]').each((_, element) => {
    if (UNSEEN.test($(element).attr('style') ?? '')) $(element).remove();
  });
  for (const selector of hidingSelectors(hiding)) {
    try {
      $(selector).remove();
    } catch {
      // not a selector that cheerio knows
    }
  }
  $(AROUND).remove();

  const text = render(mainOf($));
  const title = named || oneLine($('h1').first().text());
  return { text, ...(title && { title }), ...(url && /^https?:/i.test(url) && { url }) };
}

/** The longest `main` or `article` if it holds a good part of the text, else the body without its header. */
function mainOf($: CheerioAPI): Node[] {
  const whole = $('body').text().trim().length;
  const candidates = $('main,[role="main"],article').toArray();
  const lengths = candidates.map((candidate) => $(candidate).text().trim().length);
  const longest = Math.max(0, ...lengths);
  if (longest > 0.3 * whole) return [candidates[lengths.indexOf(longest)]!];
  $('body > header')
    .filter((_, header) => $(header).find('h1').length === 0)
    .remove();
  return $('body').toArray();
}

/** Selectors that the page's own styles hide; enough for the plain rules that hide text from readers but not from machines. */
function hidingSelectors(css: string): string[] {
  return [...css.slice(0, 200_000).matchAll(/([^{}@]{1,300})\{([^{}]{0,2000})\}/g)]
    .filter(([, , rule]) => UNSEEN.test(rule!))
    .map(([, selector]) => selector!.trim())
    .slice(0, 200);
}

/** With a stack of its own: pages may be nested deeper than calls can be. */
function render(roots: readonly Node[]): string {
  const page = createPage();
  const stack: { node: Node; leaving: boolean }[] = [...roots].reverse().map((node) => ({ node, leaving: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, leaving } = top;
    if (node.type === 'text') page.words((node as unknown as { data: string }).data);
    if (!('children' in node)) continue;
    const name = 'name' in node ? node.name : '';
    if (leaving) {
      page.leave(name);
      continue;
    }
    page.enter(name);
    stack.push({ node, leaving: true });
    for (const child of [...node.children].reverse()) stack.push({ node: child as Node, leaving: false });
  }
  return page.text();
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
