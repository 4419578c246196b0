import { expect, it } from 'vitest';
import { lexicalReader, terms } from './lexical.ts';

const df: Record<string, number> = { capital: 40, france: 12, the: 900, city: 80, '2024': 7, élan: 3 };
const lexicon = { documents: 1000, averageLength: 12.5, df: (term: string) => df[term] ?? 0 };

// Scores and terms as packages/models-en/training/resift_training/lexical.py gives them.
it.each([
  [
    'What is the capital of France?',
    'Paris is the capital of France, the city of lights.',
    0.8572443437662921,
    ['pari', 'is', 'the', 'capital', 'of', 'france', 'the', 'city', 'of', 'light'],
  ],
  [
    'the the cities',
    "The cities' series; classes & bus passes 2024",
    1.0909508497932934,
    ['the', 'city', 'sery', 'classe', 'bus', 'passe', '2024'],
  ],
  ['Élan VITAL', "l'élan vital de Bergson — ÉLAN", 1.2336405155718175, ['l', 'élan', 'vital', 'de', 'bergson', 'élan']],
  ['???', 'text', 0, ['text']],
  ['capital', '', 0, []],
])('scores %j over %j as the training does', (query, text, score, found) => {
  expect(terms(text)).toEqual(found);
  expect(lexicalReader(query, lexicon)(text).lexical).toBeCloseTo(score, 9);
});

it('gives the share of the query’s idf that a text covers, each term once', () => {
  const covers = (query: string, text: string) => lexicalReader(query, lexicon)(text).coverage;
  expect(covers('capital capital zzz', 'the capital')).toBeCloseTo(
    Math.log(1 + 960.5 / 40.5) / (Math.log(1 + 960.5 / 40.5) + Math.log(1 + 1000.5 / 0.5)),
    9,
  );
  expect(covers('capitals of France', 'France and its capital; of')).toBe(1);
  expect(covers('?', 'x')).toBe(0);
});

it.each([
  ['ponies', 'pony'],
  ['movies', 'movy'],
  ['dies', 'dy'],
  ['eies', 'eie'],
  ['goes', 'goe'],
  ['shoes', 'shoe'],
  ['bus', 'bus'],
  ['glass', 'glass'],
  ['𝒂𝒃s', '𝒂𝒃s'],
])('stems %s to %s', (word, stem) => {
  expect(terms(word)).toEqual([stem]);
});
