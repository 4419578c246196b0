import type { Prompt } from './prompt.ts';

/** Yes or no, read from the probabilities of the first token. The passage comes first, so that what is cut is never the question. */
export const yesNoPrompt: Prompt = {
  id: 'yes-no-1',
  after: [
    {
      role: 'user',
      content: 'Passage: {passage}\n\nQuery: {query}\n\nDoes the passage answer the query? Answer with one word, Yes or No.',
    },
  ],
};

/** A likelihood in words. */
export const likelihoodPrompt: Prompt = {
  id: 'likelihood-1',
  after: [
    {
      role: 'user',
      content:
        'Passage: {passage}\n\nQuery: {query}\n\nHow likely is it that this passage contains the answer to the query? Answer with exactly one of: very likely, likely, unlikely.',
    },
  ],
};
