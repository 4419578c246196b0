import type { Prompt } from './prompt.ts';

/** The multi-turn prompt of RankGPT (Sun et al. 2023): the model sees the passages one by one. */
export const rankGpt: Prompt = {
  id: 'rank-gpt-1',
  before: [
    {
      role: 'system',
      content: 'You are RankGPT, an intelligent assistant that can rank passages based on their relevancy to the query.',
    },
    {
      role: 'user',
      content:
        'I will provide you with {num} passages, each indicated by number identifier []. \nRank the passages based on their relevance to query: {query}.',
    },
    { role: 'assistant', content: 'Okay, please provide the passages.' },
  ],
  perPassage: [
    { role: 'user', content: '[{rank}] {passage}' },
    { role: 'assistant', content: 'Received passage [{rank}].' },
  ],
  after: [
    {
      role: 'user',
      content:
        'Search Query: {query}. \nRank the {num} passages above based on their relevance to the search query. The passages should be listed in descending order using identifiers. The most relevant passages should be listed first. The output format should be [] > [], e.g., [1] > [2]. Only response the ranking results, do not say any word or explain.',
    },
  ],
};

/** The single-turn prompt of RankZephyr (Pradeep et al. 2023): everything in one message, for models that were tuned on it or have no turns. */
export const rankZephyr: Prompt = {
  id: 'rank-zephyr-1',
  before: [
    {
      role: 'system',
      content: 'You are RankLLM, an intelligent assistant that can rank passages based on their relevancy to the query.',
    },
  ],
  passage: '[{rank}] {passage}',
  after: [
    {
      role: 'user',
      content:
        'I will provide you with {num} passages, each indicated by a numerical identifier []. Rank the passages based on their relevance to the search query: {query}.\n\n{passages}\n\nSearch Query: {query}.\nRank the {num} passages above based on their relevance to the search query. All the passages should be included and listed using identifiers, in descending order of relevance. The output format should be [] > [], e.g., [2] > [1]. Only respond with the ranking results, do not say any word or explain.',
    },
  ],
};
