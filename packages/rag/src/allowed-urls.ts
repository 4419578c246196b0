import { visibleText } from './visible-text.ts';

/** Which addresses an answer may hold. */
export interface UrlPolicy {
  /** Texts and addresses that the generator was given: what stands in them word for word may be said again. */
  readonly verbatim: readonly string[];
  /** Hosts whose `https` addresses without query and fragment are allowed even if no source holds them. Default: none. */
  readonly hosts?: readonly string[] | undefined;
}

/** Tells whether an address may be shown. Only http and https ever are; punctuation after it is not part of it. */
export function allowedUrls({ verbatim, hosts = [] }: UrlPolicy): (token: string) => boolean {
  const known = new Set<string>();
  for (const text of verbatim) {
    for (const [token] of visibleText(text).matchAll(/(?:https?:\/\/|www\.)[^\s<]+/gi)) {
      for (const variant of [...endings(token), ...endings(token.split(/[)\]"'|>]/)[0]!)]) known.add(variant);
    }
  }
  const trusted = new Set(hosts.map((host) => host.toLowerCase()));

  return (token) => endings(token).some((url) => known.has(url) || onTrustedHost(url, trusted));
}

const PUNCTUATION = /[.,;:!?)\]}"'»”’*_~|>]$/;

function endings(token: string): string[] {
  const found = [token];
  let rest = token;
  while (PUNCTUATION.test(rest)) {
    rest = rest.slice(0, -1);
    found.push(rest);
  }
  return found;
}

function onTrustedHost(token: string, trusted: ReadonlySet<string>): boolean {
  if (trusted.size === 0 || !/^https:\/\/[\w.-]+(?:\/[\w./~-]*)?$/i.test(token)) return false;
  return URL.canParse(token) && trusted.has(new URL(token).hostname);
}
