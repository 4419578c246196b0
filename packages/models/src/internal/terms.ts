const RUN = /[\p{L}\p{N}]+/gu;

/** Lower-cased runs of letters and digits, stemmed: the terms of FEATURES.md, section 3, of `@resift/models-en`. */
export function terms(text: string): string[] {
  return (text.toLowerCase().match(RUN) ?? []).map(stem);
}

/** Harman's S stemmer (1991), the first rule that applies; terms of three characters or fewer stay. */
function stem(term: string): string {
  if (!term.endsWith('s') || [...term].length <= 3) return term;
  if (term.endsWith('ies') && !/[ea]ies$/.test(term)) return `${term.slice(0, -3)}y`;
  if (term.endsWith('es') && !/[aeo]es$/.test(term)) return term.slice(0, -1);
  return /[us]s$/.test(term) ? term : term.slice(0, -1);
}
