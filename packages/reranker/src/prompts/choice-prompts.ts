import type { Prompt } from './prompt.ts';

/** Which of two passages is more relevant (PRP, Qin et al. 2023). */
export const pairPrompt: Prompt = {
  id: 'pairwise-1',
  passage: 'Passage {letter}: "{passage}"\n',
  after: [
    {
      role: 'user',
      content:
        'Given a query "{query}", which of the following two passages is more relevant to the query?\n\n{passages}\nOutput Passage A or Passage B:',
    },
  ],
};

/** Which of several passages is the most relevant (setwise, Zhuang et al. 2024). */
export const setPrompt: Prompt = {
  id: 'setwise-1',
  passage: 'Passage {letter}: "{passage}"\n',
  after: [
    {
      role: 'user',
      content:
        'Given a query "{query}", which of the following passages is the most relevant one to the query?\n\n{passages}\nOutput only the passage label of the most relevant passage:',
    },
  ],
};
