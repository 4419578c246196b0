const CONSONANT = '[^aeiou]';
const VOWEL = '[aeiouy]';
const CONSONANTS = `${CONSONANT}[^aeiouy]*`;
const VOWELS = `${VOWEL}[aeiou]*`;
const MORE_THAN_0 = new RegExp(`^(${CONSONANTS})?${VOWELS}${CONSONANTS}`);
const EXACTLY_1 = new RegExp(`^(${CONSONANTS})?${VOWELS}${CONSONANTS}(${VOWELS})?$`);
const MORE_THAN_1 = new RegExp(`^(${CONSONANTS})?${VOWELS}${CONSONANTS}${VOWELS}${CONSONANTS}`);
const HAS_VOWEL = new RegExp(`^(${CONSONANTS})?${VOWEL}`);
const SHORT_END = new RegExp(`^${CONSONANTS}${VOWEL}[^aeiouwxy]$`);

const STEP_2: Readonly<Record<string, string>> = {
  ational: 'ate', tional: 'tion', enci: 'ence', anci: 'ance', izer: 'ize', bli: 'ble', alli: 'al', entli: 'ent', eli: 'e',
  ousli: 'ous', ization: 'ize', ation: 'ate', ator: 'ate', alism: 'al', iveness: 'ive', fulness: 'ful', ousness: 'ous',
  aliti: 'al', iviti: 'ive', biliti: 'ble', logi: 'log',
}; // biome-ignore format: a table
const STEP_3: Readonly<Record<string, string>> = { icate: 'ic', ative: '', alize: 'al', iciti: 'ic', ical: 'ic', ful: '', ness: '' };
const ENDS_2 =
  /^(.+?)(ational|tional|enci|anci|izer|bli|alli|entli|eli|ousli|ization|ation|ator|alism|iveness|fulness|ousness|aliti|iviti|biliti|logi)$/;
const ENDS_3 = /^(.+?)(icate|ative|alize|iciti|ical|ful|ness)$/;
const ENDS_4 = /^(.+?)(al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ou|ism|ate|iti|ous|ive|ize)$/;

/** Porter's stemmer for English (Porter 1980, with his later changes `bli` and `logi`). Words with other than a-z come back unchanged. */
export function stemEnglish(word: string): string {
  if (word.length < 3 || !/^[a-z]+$/.test(word)) return word;
  // A leading y is a consonant.
  const y = word.startsWith('y');
  const stem = lastE(suffixes(derived(y ? `Y${word.slice(1)}` : word)));
  return y ? `y${stem.slice(1)}` : stem;
}

/** Steps 1a to 1c: plurals, -ed, -ing, final y. */
function derived(word: string): string {
  let w = word;
  if (/(ss|i)es$/.test(w)) w = w.slice(0, -2);
  else if (/[^s]s$/.test(w)) w = w.slice(0, -1);

  if (w.endsWith('eed')) {
    if (MORE_THAN_0.test(w.slice(0, -3))) w = w.slice(0, -1);
  } else {
    const stem = /^(.+?)(ed|ing)$/.exec(w)?.[1];
    if (stem !== undefined && HAS_VOWEL.test(stem)) {
      w = stem;
      if (/(at|bl|iz)$/.test(w)) w += 'e';
      else if (/([^aeiouylsz])\1$/.test(w)) w = w.slice(0, -1);
      else if (SHORT_END.test(w)) w += 'e';
    }
  }
  return w.endsWith('y') && HAS_VOWEL.test(w.slice(0, -1)) ? `${w.slice(0, -1)}i` : w;
}

/** Steps 2 to 4: chains of suffixes, longest first. */
function suffixes(word: string): string {
  let w = word;
  for (const [ends, replacement] of [
    [ENDS_2, STEP_2],
    [ENDS_3, STEP_3],
  ] as const) {
    const found = ends.exec(w);
    if (found && MORE_THAN_0.test(found[1]!)) w = found[1]! + replacement[found[2]!]!;
  }
  const found = ENDS_4.exec(w);
  if (found) return MORE_THAN_1.test(found[1]!) ? found[1]! : w;
  const stem = /^(.+?)(?:s|t)(ion)$/.exec(w) ? w.slice(0, -3) : undefined;
  return stem !== undefined && MORE_THAN_1.test(stem) ? stem : w;
}

/** Step 5: a final e, and ll to l. */
function lastE(word: string): string {
  let w = word;
  if (w.endsWith('e')) {
    const stem = w.slice(0, -1);
    if (MORE_THAN_1.test(stem) || (EXACTLY_1.test(stem) && !SHORT_END.test(stem))) w = stem;
  }
  return w.endsWith('ll') && MORE_THAN_1.test(w) ? w.slice(0, -1) : w;
}
