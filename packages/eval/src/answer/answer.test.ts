import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answerInContext } from './answer-in-context.ts';
import { exactMatch } from './exact-match.ts';
import { normaliseAnswer } from './squad-text.ts';
import { tokenF1 } from './token-f1.ts';
import { agreesWithGold, answerRates, answerVerdict, isHallucination } from './verdict.ts';

interface Pair {
  gold: string;
  answer: string;
  normal: string;
  exact: number;
  f1: number;
}

it('equals the official SQuAD script on 205 pairs', () => {
  const pairs: Pair[] = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/answers.json'), 'utf8'));
  expect(pairs.length).toBeGreaterThan(200);
  for (const { gold, answer, normal, exact, f1 } of pairs) {
    expect(normaliseAnswer(answer)).toBe(normal);
    expect(exactMatch(answer, [gold])).toBe(exact);
    expect(tokenF1(answer, [gold])).toBeCloseTo(f1, 12);
  }
});

it('takes the best gold answer, and without one only silence is right', () => {
  expect(tokenF1('the red cat', ['a dog', 'red cat'])).toBe(1);
  expect(exactMatch('', [])).toBe(1);
  expect(exactMatch('Paris', [])).toBe(0);
  expect(tokenF1('Paris', [])).toBe(0);
});

it('is between 0 and 1, and 1 for equals', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (x, y) => {
      expect(tokenF1(x, [y])).toBeGreaterThanOrEqual(exactMatch(x, [y]));
      expect(tokenF1(x, [y])).toBeLessThanOrEqual(1);
      expect(tokenF1(x, [x])).toBe(1);
    }),
  );
});

it('finds a gold answer in a context as whole words only', () => {
  expect(answerInContext(['It was the U.S. Navy, in 1903.'], ['US Navy'])).toBe(1);
  expect(answerInContext(['A theatre of 19034 seats'], ['heat', '1903'])).toBe(0);
  expect(answerInContext(['new york new york city'], ['New York City'])).toBe(1);
  expect(answerInContext(['anything'], ['the'])).toBe(0);
  expect(answerInContext([], ['x'])).toBe(0);
});

it('tells a hallucination from a miss', () => {
  const golds = ['Denver Broncos'];
  const asserted = (answer: string, more = {}) => answerVerdict({ answer, abstained: false, golds, ...more });
  expect(asserted('The Denver Broncos won.')).toBe('right');
  expect(asserted('Denver Broncos', { supported: false })).toBe('unsupported');
  expect(asserted('Carolina Panthers')).toBe('wrong');
  expect(answerVerdict({ answer: 'Paris', abstained: false, golds: [] })).toBe('wrong');
  expect(answerVerdict({ answer: '', abstained: true, golds })).toBe('miss');
  expect(answerVerdict({ answer: 'I do not know', abstained: true, golds: [] })).toBe('right_abstention');
  expect((['right', 'wrong', 'unsupported', 'miss', 'right_abstention'] as const).map(isHallucination)).toEqual([
    false,
    true,
    true,
    false,
    false,
  ]);
  expect(() => asserted(' ')).toThrow('not marked as an abstention');
  expect(agreesWithGold('It opened in the year 1903, after long delays that nobody had foreseen', ['1903'])).toBe(true);
});

it('gives rates over all questions and over assertions', () => {
  expect(answerRates(['right', 'wrong', 'unsupported', 'miss', 'right_abstention'])).toEqual({
    questions: 5,
    hallucinationRate: 0.4,
    hallucinationShare: 2 / 3,
    rightRate: 0.4,
    abstentionRate: 0.4,
    missRate: 0.25,
  });
  expect(() => answerRates([])).toThrow('at least one');
});
