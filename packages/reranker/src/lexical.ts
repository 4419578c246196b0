/** Document frequencies counted once over a large collection and shipped with the models: word evidence that depends on no other candidate. */
export interface Lexicon {
  readonly documents: number;
  /** Mean number of terms of a text. */
  readonly averageLength: number;
  /** Texts that contain the term; 0 for an unknown one. */
  df(term: string): number;
}

const K1 = 0.9;
const B = 0.4;

/** What the words of a query and a text say about each other. */
export interface LexicalEvidence {
  /** BM25 (k1 0.9, b 0.4, inverse document frequency after Lucene) over the query's own sum of idf, so that it is comparable across queries: about 0 to 1.9. */
  readonly lexical: number;
  /** Share of the query's idf whose terms occur in the text, each term counted once: 0 to 1. */
  readonly coverage: number;
}

/** Reads the query once, then any number of texts. All is 0 for a query without a term. */
export function lexicalReader(query: string, lexicon: Lexicon): (text: string) => LexicalEvidence {
  const asked = [...count(terms(query))].map(([term, times]) => ({ term, times, weight: idf(term, lexicon) }));
  const total = asked.reduce((sum, { times, weight }) => sum + times * weight, 0);
  const distinct = asked.reduce((sum, { weight }) => sum + weight, 0);

  return (text) => {
    if (total === 0) return { lexical: 0, coverage: 0 };
    const found = terms(text);
    const counts = count(found);
    const norm = K1 * (1 - B + (B * found.length) / lexicon.averageLength);
    let reached = 0;
    let covered = 0;
    for (const { term, times, weight } of asked) {
      const tf = counts.get(term) ?? 0;
      if (tf === 0) continue;
      reached += (times * weight * tf * (K1 + 1)) / (tf + norm);
      covered += weight;
    }
    return { lexical: reached / total, coverage: covered / distinct };
  };
}

/** Runs of letters and digits of the lower-cased text, stemmed, in order. */
export function terms(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map(stem);
}

/** Inverse document frequency: ln(1 + (N - df + ½) / (df + ½)). */
export function idf(term: string, lexicon: Lexicon): number {
  const df = lexicon.df(term);
  return Math.log(1 + (lexicon.documents - df + 0.5) / (df + 0.5));
}

/** Harman's S stemmer: the first rule that applies, for terms of more than three characters; one that a rule excepts goes on to the next. */
function stem(term: string): string {
  if (!term.endsWith('s') || [...term].length <= 3) return term;
  if (term.endsWith('ies') && !term.endsWith('eies') && !term.endsWith('aies')) return `${term.slice(0, -3)}y`;
  if (term.endsWith('es') && !term.endsWith('aes') && !term.endsWith('ees') && !term.endsWith('oes')) return term.slice(0, -1);
  if (!term.endsWith('us') && !term.endsWith('ss')) return term.slice(0, -1);
  return term;
}

function count(found: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of found) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
