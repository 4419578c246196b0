import { expect, it } from 'vitest';
import { lexicalJudge } from './judge/lexical.ts';
import { AnswerInContext, ExactMatch, Grounded, NoHallucination, type Scorer, type ScorerArgs, TokenF1 } from './scorer.ts';

// This file is also the example of how to hold an answer to a standard in one's own vitest suite.
const judge = lexicalJudge();
const answered: ScorerArgs = {
  input: 'When was the bridge opened?',
  output: 'The mayor opened the bridge in 1903.',
  expected: ['1903', 'in 1903'],
  context: ['The bridge was opened by the mayor on 4 May 1903.', 'The tower is older.'],
};
const score = async (scorer: Scorer, args: ScorerArgs) => (await scorer(args)).score;

it('holds a good answer to a standard', async () => {
  expect(await score(Grounded(judge), answered)).toBe(1);
  expect(await score(NoHallucination(judge), answered)).toBe(1);
  expect(await score(AnswerInContext, answered)).toBe(1);
  expect(await score(TokenF1, answered)).toBeGreaterThan(0.2);
  expect(await score(ExactMatch, answered)).toBe(0);
});

it('catches a wrong and an unsupported answer, and says why', async () => {
  expect(await NoHallucination(judge)({ ...answered, output: 'It was opened in 1911.' })).toMatchObject({
    score: 0,
    metadata: { verdict: 'wrong' },
  });
  expect(await NoHallucination(judge)({ ...answered, context: ['Nothing is known about it.'] })).toMatchObject({
    score: 0,
    metadata: { verdict: 'unsupported' },
  });
  expect(await Grounded(judge)({ ...answered, context: 'Nothing is known about it.' })).toMatchObject({
    score: 0,
    metadata: { judge: judge.id, claims: [{ supported: false }] },
  });
});

it('takes an abstention for what it is', async () => {
  expect(await score(NoHallucination(judge), { ...answered, output: '' })).toBe(1);
  expect(await score(Grounded(judge), { ...answered, output: ' ' })).toBeNull();
  expect(await score(ExactMatch, { output: '', expected: [] })).toBe(1);
  expect(await score(AnswerInContext, { ...answered, expected: [] })).toBeNull();
});

it('has the shape of autoevals: an object in, { name, score } out, and rejects where something is missing', async () => {
  for (const scorer of [ExactMatch, TokenF1, AnswerInContext, Grounded(judge), NoHallucination(judge)]) {
    const result: { name: string; score: number | null } = await scorer(answered);
    expect(result.name).toMatch(/^[A-Z]\w+$/);
  }
  await expect(TokenF1({ output: 'x' })).rejects.toThrow('needs `expected`');
  await expect(Grounded(judge)({ output: 'x' })).rejects.toThrow('needs `context`');
});
