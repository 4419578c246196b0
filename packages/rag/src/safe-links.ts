import { allowedUrls, type UrlPolicy } from './allowed-urls.ts';
import { type Edit, type Step, type TextStage, textStage } from './text-stage.ts';

/** What the filter took out. */
export interface Blocked {
  urls: number;
  images: number;
  tags: number;
}

/** Most characters that an open construct may hold back; longer ones are judged by what is there. */
const HOLD = 2048;
export const LINK_REMOVED = '(link removed)';

/**
 * Lets through only addresses that a policy allows, in whatever dress: bare, Markdown links and references, autolinks, HTML.
 * Images become links, tags with attributes or with power go. What it decides never depends on how the stream was cut.
 */
export function safeLinks(policy: UrlPolicy, blocked: Blocked): TextStage {
  const allowed = allowedUrls(policy);
  let dropping = false;
  let strictTarget = false;
  let afterTarget = false;
  const step: Step = (text, at, ended, before) => {
    if (dropping) {
      const stop = text.slice(at).search(/[\s<]/);
      if (stop !== 0) return { take: stop < 0 ? text.length - at : stop, give: '' };
      dropping = false;
    }
    if (afterTarget) {
      afterTarget = false;
      if (/[(:[]/.test(text[at]!)) return { take: 1, give: ` ${text[at]}` };
    }
    const plain = match(PLAIN, text, at);
    if (plain) return copy(plain);
    const character = text[at]!;
    if (at + 1 >= text.length && !ended) return undefined;
    if (character === '!' && text[at + 1] === '[') return image(before);
    if (character === ']' && text[at + 1] === '(') return target(text, at, ended);
    if (character === ']' && text[at + 1] === ':') return definition(text, at, ended);
    if (character === '<' && /[a-zA-Z/!?]/.test(text[at + 1] ?? '')) return tag(text, at, ended);
    if (/[A-Za-z0-9]/.test(character)) return word(text, at, ended);
    if (/[:/\\]/.test(character)) return slashes(text, at, ended);
    return copy(character);
  };

  /** After a letter it was an exclamation: a space keeps it one. */
  function image(before: string): Edit {
    if (/[\p{L}\p{N}!]/u.test(before)) return { take: 1, give: '! ' };
    blocked.images += 1;
    return { take: 1, give: '' };
  }

  /** `](…)`: the target of a link, of which only the address is kept. */
  function target(text: string, at: number, ended: boolean): Edit | undefined {
    const strict = strictTarget;
    const end = closing(text, at + 1);
    if (end === undefined && !ended && text.length - at < HOLD) return undefined;
    strictTarget = false;
    if (end === undefined) return { take: 2, give: '] (' };
    const body = text.slice(at + 2, end);
    if (!strict && HARMLESS_TARGET.test(body)) return copy(text.slice(at, end + 1));
    const url = /^\s*<?(\S+?)>?(?:\s+["'(][\s\S]*)?\s*$/.exec(body)?.[1];
    if (url && allowed(url)) return { take: end + 1 - at, give: `](${url})` };
    blocked.urls += 1;
    afterTarget = true;
    return { take: end + 1 - at, give: ']' };
  }

  function tag(text: string, at: number, ended: boolean): Edit | undefined {
    const close = text.indexOf('>', at);
    const end = close - at >= HOLD ? -1 : close;
    if (end < 0) {
      if (!ended && text.length - at < HOLD) return undefined;
      // Never closed here, but a page around the answer might close it.
      return ended && judged(text.slice(at + 1)) === 'harmless' ? copy('<') : { take: 1, give: '< ' };
    }
    const inside = text.slice(at + 1, end);
    if (/^[a-zA-Z][a-zA-Z0-9+.-]{0,31}:/.test(inside)) {
      if (allowed(inside)) return copy(text.slice(at, end + 1));
      blocked.urls += 1;
      return { take: end + 1 - at, give: LINK_REMOVED };
    }
    const judgement = judged(inside);
    if (judgement !== 'active') return judgement === 'harmless' ? copy('<') : { take: 1, give: '< ' };
    blocked.tags += 1;
    // Not nothing: what stands on both sides could join into a new construct.
    return { take: end + 1 - at, give: ' ' };
  }

  /** `[label]: address` at the start of a line would define a reference: only an allowed address may follow. */
  function definition(text: string, at: number, ended: boolean): Edit | undefined {
    const ahead = text.slice(at + 2, at + HOLD);
    const [whole, token] = /^\s*(\S*)/.exec(ahead)!;
    if (!ended && whole.length === ahead.length && ahead.length < HOLD - 2) return undefined;
    return HARMLESS_WORD.test(token!) || allowed(token!) ? copy(']:') : { take: 2, give: '] :' };
  }

  function word(text: string, at: number, ended: boolean): Edit | undefined {
    const run = match(WORD, text, at)!;
    const after = text.slice(at + run.length, at + run.length + 5);
    if (!ended && after.length < 5 && run.length < HOLD && /^(?::[\\/]*)?$/.test(after)) return undefined;
    const begins = /^www\./i.test(run) || SEPARATOR.test(after) || (SCRIPT_SCHEME.test(run) && /^:\S/.test(after));
    return begins ? address(text, at, ended) : copy(run);
  }

  /** `://` after something that is no scheme, and `//host.tld` with its look-alikes. */
  function slashes(text: string, at: number, ended: boolean): Edit | undefined {
    const ahead = text.slice(at, at + 64);
    if (!ended && ahead.length < 64 && /^(?::[\\/]{0,4}|[\\/]{1,4}[\w-]*)$/.test(ahead)) return undefined;
    return SEPARATOR.test(ahead) || /^(?:\\?[\\/]){2}[\w-]+\./.test(ahead) ? address(text, at, ended) : copy(text[at]!);
  }

  /** An address reaches to white space or `<`, as the widest of the common readers takes it. */
  function address(text: string, at: number, ended: boolean): Edit | undefined {
    const length = text.slice(at, at + HOLD).search(/[\s<]|\]\(/);
    if (length < 0 && !ended && text.length - at < HOLD) return undefined;
    const token = length < 0 ? text.slice(at, at + HOLD) : text.slice(at, at + length);
    if (length < 0 && token.length >= HOLD) dropping = true;
    else if (allowed(token)) {
      strictTarget = text.startsWith('](', at + token.length);
      return copy(token);
    }
    blocked.urls += 1;
    strictTarget = text.startsWith('](', at + token.length);
    return { take: token.length, give: LINK_REMOVED + (/[.,;:!?)\]]*$/.exec(token)?.[0] ?? '') };
  }

  return textStage(step);
}

const PLAIN = /[^!\]<:/\\A-Za-z0-9]+/y;
const WORD = /[A-Za-z0-9][A-Za-z0-9+.-]{0,2047}/y;
const HARMLESS_TARGET = /^[\p{L}\p{N} ,+*^_-]*$/u;
const HARMLESS_WORD = /^[\p{L}\p{N},;'’"+*^_-]*[.!?]?$/u;
const SEPARATOR = /^:(?:\\?[\\/]){2}/;
const SCRIPT_SCHEME = /^(?:javascript|vbscript|data|file|blob|filesystem|view-source)$/i;
/** Elements that act without any attribute, or change how what follows is read. */
const POWERFUL =
  /^(?:script|style|iframe|frame|frameset|object|embed|applet|svg|math|template|noscript|textarea|title|xmp|plaintext|base|meta|form|input|button|link|portal|audio|video|source|image|img|marquee|select)$/i;
/** Attributes that load, link or run, on whatever element. */
const ACTIVE_ATTRIBUTE = /(?:^|[\s/"'])(?:on\w+|style|(?:\w+:)?href|src\w*|action|formaction|background|poster|data|ping|is)\s*=/i;
const KNOWN =
  /^(?:a|abbr|address|area|article|aside|b|bdi|bdo|big|blockquote|body|br|canvas|caption|center|cite|code|col|colgroup|dd|del|details|dfn|dialog|div|dl|dt|em|fieldset|figcaption|figure|font|footer|h[1-6]|head|header|hr|html|i|ins|kbd|label|legend|li|main|map|mark|menu|nav|ol|optgroup|option|p|param|pre|q|rp|rt|ruby|s|samp|section|small|span|strike|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|time|tr|track|tt|u|ul|var|wbr)$/i;

/** What a tag could do: nothing; perhaps something, though it is no element of HTML; or something. */
function judged(inside: string): 'harmless' | 'odd' | 'active' {
  const [, name, rest] = /^\/?([a-zA-Z][^\s/]*)([\s\S]*)$/.exec(inside) ?? [];
  if (name === undefined || POWERFUL.test(name)) return 'active';
  if (KNOWN.test(name)) return rest!.includes('=') ? 'active' : 'harmless';
  return ACTIVE_ATTRIBUTE.test(rest!) ? 'odd' : 'harmless';
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function copy(text: string): Edit {
  return { take: text.length, give: text };
}

/** Where the bracket that opens at `at` closes, within reach. */
function closing(text: string, at: number): number | undefined {
  let depth = 0;
  for (let i = at; i < text.length && i < at + HOLD; i++) {
    if (text[i] === '(') depth += 1;
    if (text[i] === ')') depth -= 1;
    if (depth === 0) return i;
  }
  return undefined;
}
