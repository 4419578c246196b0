import type { GroundednessModel } from '@resift/core';
import { expect, it } from 'vitest';
import { checkGroundedness } from './check-groundedness.ts';
import type { Source } from './source.ts';

/** A model that believes nothing. */
const sceptic: GroundednessModel = {
  id: 'sceptic',
  threshold: 0.5,
  check: async (_, claims) => ({ probabilities: claims.map(() => 0.1), usage: {} }),
};
const source = { passage: { id: 's', text: 'The bridge links two towns.  It was opened\non 1 July 2000 by the queen.' } } as Source;
const check = async (answer: string) => (await checkGroundedness(answer, [source], sceptic, undefined)).groundedness.sentences;

it('takes a sentence for supported that stands in a source word for word, whatever the model says', async () => {
  expect(await check('It was opened on 1 July 2000 by the queen [1].')).toMatchObject([{ score: 1, supported: true }]);
  expect(await check('It was opened on 2 July 2000 by the queen.')).toMatchObject([{ score: 0.1, supported: false }]);
  const titled = { passage: { ...source.passage, title: 'The  bridge' } } as Source;
  const checked = async (answer: string) => (await checkGroundedness(answer, [titled], sceptic, undefined)).groundedness.sentences;
  expect(await checked('The bridge: It was opened on 1 July 2000 by the queen.')).toMatchObject([{ score: 1, supported: true }]);
  expect(await checked('The tunnel: It was opened on 1 July 2000 by the queen.')).toMatchObject([{ score: 0.1, supported: false }]);
  expect(await check('It was opened.')).toMatchObject([{ supported: false }]);
});
